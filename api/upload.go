package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"yinxin/doctype"
	"yinxin/verify"
)

// Upload is one file to be judged. It is good until the answer is made.
type Upload struct {
	Name string // as the client calls it, without folders; for people, never a path here; may be empty
	File io.ReaderAt
	Size int64 // bytes

	Evidence     io.ReaderAt // kept beside the file; nil: none came
	EvidenceSize int64       // bytes

	Type     doctype.Type // what the client says it is; Unknown leaves it to the content
	Password string       // of an encrypted file
}

// received is what a request brought.
type received struct {
	name           string
	file, evidence *spooled
	large          bool // of a page: large type is wanted
	kind           doctype.Type
	password       string
}

// Close drops what came.
func (u *received) Close() {
	u.file.Close()
	u.evidence.Close()
}

func (u *received) upload() Upload {
	out := Upload{Name: u.name, File: u.file, Size: u.file.size, Type: u.kind, Password: u.password}
	if u.evidence != nil {
		out.Evidence, out.EvidenceSize = u.evidence, u.evidence.size
	}
	return out
}

// Room of a form beside its files, in bytes: its boundaries and fields together, and the head of one part.
const (
	formRoom = 256 << 10
	partHead = 16 << 10
	maxName  = 200 // characters
	maxWord  = 1024
)

// receive reads a file, as a form or as it is, into the spool. The type that a client names only says which of the two it is: what a file is, its bytes tell.
func (s *Service) receive(w http.ResponseWriter, r *http.Request) (u *received, err error) {
	if r.ContentLength > s.Limits.Upload+s.Limits.Evidence+formRoom {
		return nil, errTooLarge
	}
	kind, params, err := mediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	body := s.paced(w, http.MaxBytesReader(w, r.Body, s.Limits.Upload+s.Limits.Evidence+formRoom))
	u = &received{}
	if err := u.typed(r.URL.Query().Get("type")); err != nil {
		return nil, err
	}
	if kind == "multipart/form-data" {
		err = s.form(body, params["boundary"], u)
	} else {
		u.name = cleanName(r.URL.Query().Get("name"))
		u.file, err = s.keep(body, s.Limits.Upload)
	}
	if err == nil && (u.file == nil || u.file.size == 0) {
		err = errNoFile
	}
	if err == nil {
		err = body.done()
	}
	if err != nil {
		u.Close()
		return nil, broken(err)
	}
	return u, nil
}

// mediaType tells a form from a file, and refuses what is neither.
func mediaType(header string) (kind string, params map[string]string, err error) {
	if header == "" {
		return "application/octet-stream", nil, nil
	}
	kind, params, err = mime.ParseMediaType(header)
	if err != nil {
		return "", nil, errMedia
	}
	switch kind {
	case "multipart/form-data":
		if params["boundary"] == "" {
			return "", nil, errMedia
		}
	case "application/pdf", "application/ofd", "application/xml", "text/xml", "application/zip", "application/octet-stream":
	default:
		return "", nil, errMedia
	}
	return kind, params, nil
}

// keep puts one file into the spool.
func (s *Service) keep(r io.Reader, most int64) (*spooled, error) {
	f := s.spool.upload()
	if err := f.fill(r, most); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// form reads the parts of a form as they come.
func (s *Service) form(body *pacer, boundary string, u *received) error {
	parts := multipart.NewReader(body, boundary)
	for {
		body.room = partHead
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		body.room = s.Limits.Upload + formRoom
		if err := s.part(p, u); err != nil {
			return err
		}
	}
}

func (s *Service) part(p *multipart.Part, u *received) (err error) {
	switch name := p.FormName(); {
	case name == "large":
		u.large = true
		_, err := word(p)
		return err
	case name == "password" && u.password == "":
		u.password, err = word(p)
		return err
	case name == "type" && u.kind == doctype.Unknown:
		told, err := word(p)
		if err != nil {
			return err
		}
		return u.typed(told)
	case name == "file" && u.file == nil:
		u.name = cleanName(fileName(p))
		u.file, err = s.keep(p, s.Limits.Upload)
		return err
	case name == "evidence" && u.evidence == nil:
		u.evidence, err = s.keep(p, s.Limits.Evidence)
		if err == nil && u.evidence.size == 0 { // a browser sends the field of a file that nobody chose
			u.evidence.Close()
			u.evidence = nil
		}
		return err
	}
	return errParts
}

// word reads a part that is no file.
func word(p *multipart.Part) (string, error) {
	b, err := io.ReadAll(io.LimitReader(p, maxWord+1))
	if err == nil && len(b) > maxWord {
		err = errParts
	}
	return string(b), err
}

// typed takes the type that the client says the file has.
func (u *received) typed(told string) error {
	t, ok := doctype.ParseType(told)
	if !ok {
		return errType
	}
	u.kind = t
	return nil
}

// fileName is the name that a part gives its file. Part.FileName would cut it as a path of this system.
func fileName(p *multipart.Part) string {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil {
		return ""
	}
	return params["filename"]
}

// cleanName takes the folders and everything that is not to be shown out of a name.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || name == ".." {
		return ""
	}
	return verify.CleanTo(name, maxName)
}

// broken says of a failure while reading a body that the upload was at fault, unless it says more.
func broken(err error) error {
	var known refusal
	var tooLarge *http.MaxBytesError
	var disk *os.PathError
	if errors.As(err, &known) || errors.As(err, &tooLarge) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &disk) {
		return err
	}
	return errBroken
}

// pacer reads a body that must come at the least rate: the deadline of every read is when the bytes so far, and one more, are due at that rate. It
// also keeps the heads of a form's parts small, which package mime would read into memory up to 10 MB.
type pacer struct {
	r     io.Reader
	set   func(time.Time) error // the deadline of reads
	start time.Time
	grace time.Duration
	rate  int64
	read  int64
	room  int64 // that may be read before somebody says more
}

func (s *Service) paced(w http.ResponseWriter, r io.Reader) *pacer {
	return &pacer{r: r, set: http.NewResponseController(w).SetReadDeadline, start: time.Now(), grace: s.Limits.Grace, rate: s.Limits.MinRate, room: 1 << 62}
}

// Read reads what comes before it is due.
func (p *pacer) Read(b []byte) (int, error) {
	if p.room <= 0 {
		return 0, errParts
	}
	due := p.start.Add(p.grace + time.Duration(float64(p.read)/float64(p.rate)*float64(time.Second)))
	if err := p.set(due); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := p.r.Read(b)
	p.read += int64(n)
	p.room -= int64(n)
	return n, err
}

// done lifts the deadline: the connection is now waiting for us.
func (p *pacer) done() error {
	if err := p.set(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
