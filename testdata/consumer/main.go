// Command consumer is what somebody writes who puts Yinxin to use: it seals a PDF or an OFD, signs it once more without a seal, and judges what
// came out.
//
//	PASSPHRASE=… consumer -seal owner.esl -keys keys -key owner -trust trust -in contract.pdf -out sealed.pdf
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
	"yinxin/hsm/soft"
	"yinxin/ofd"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/verify"
)

type options struct {
	seal, keys, key, trust, in, out string
	passphrase                      []byte // of the key store; it is cleared when the store is opened
}

func main() {
	o := options{passphrase: []byte(os.Getenv("PASSPHRASE"))}
	flag.StringVar(&o.seal, "seal", "", "the seal, .esl")
	flag.StringVar(&o.keys, "keys", "", "folder of the key store")
	flag.StringVar(&o.key, "key", "", "name of the owner's key")
	flag.StringVar(&o.trust, "trust", "", "folder of trusted certificates and revocation lists")
	flag.StringVar(&o.in, "in", "", "the PDF or OFD to seal")
	flag.StringVar(&o.out, "out", "", "the sealed document")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout); err != nil {
		if public, ok := fault.PublicOf(err); ok { // a failure for people has a stable code and a sentence in Chinese and in English
			fmt.Fprintln(os.Stderr, public.Code, public.ZH, public.EN)
		} else {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, w io.Writer) error {
	store, err := keystore.Open(o.keys, o.passphrase)
	if err != nil {
		return err
	}
	keys := soft.New(store)
	defer keys.Close()
	key, err := keys.Key(ctx, hsm.Ref(o.key))
	if err != nil {
		return err
	}
	esl, err := os.ReadFile(o.seal)
	if err != nil {
		return err
	}
	s, err := seal.Parse(esl)
	if err != nil {
		return err
	}
	property := s.Info.Property
	fmt.Fprintf(w, "seal %s %s, %s, until %s\n", s.Info.ESID, property.Name, s.Version.Standard(), property.End.Format(time.DateOnly))

	trusted, err := trust.Load(os.DirFS(o.trust))
	if err != nil {
		return err
	}
	in, err := os.ReadFile(o.in)
	if err != nil {
		return err
	}
	format, err := formatOf(in)
	if err != nil {
		return err
	}
	sealed, err := stampPage(ctx, format, in, esl, key, trusted)
	if err != nil {
		return err
	}
	signed, err := countersign(ctx, format, sealed, property.Certs[0], key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.out, signed.Bytes(), 0o644); err != nil {
		return err
	}
	return judge(ctx, signed, trusted, w)
}

// formats are what this program takes. Content tells which a file is, never its name; PDF is asked first.
func formats() []document.Format { return []document.Format{pdf.Format{}, ofd.Format{}} }

func formatOf(in []byte) (document.Format, error) {
	for _, f := range formats() {
		if f.Match(in[:min(len(in), 1032)]) {
			return f, nil
		}
	}
	return nil, verify.FormatUnknown(formats()...)
}

// stampPage puts the seal 60 mm from the right and the bottom of the first A4 page. A document too large for memory goes from *os.File to *os.File.
func stampPage(ctx context.Context, format document.Format, in, esl []byte, key hsm.Key, trusted *trust.Set) (*document.Memory, error) {
	order := stamp.Order{
		Format: format, In: document.NewMemory(in), Size: int64(len(in)),
		Seal: esl, Key: key, Places: []document.Place{{Page: 1, X: 150, Y: 237}},
		Trust: trusted, Now: time.Now,
	}
	if format == (pdf.Format{}) { // an OFD has no room for a reason
		order.Reason = "合同签署"
	}
	out := &document.Memory{}
	_, err := stamp.Make(ctx, order, out)
	return out, err
}

// countersign shows the floor below stamp: one signing act with a container of one's choice, here plain CMS that shows nothing on the page.
func countersign(ctx context.Context, format document.Format, in *document.Memory, cert []byte, key hsm.Key) (*document.Memory, error) {
	doc, err := format.Open(ctx, in, in.Size(), document.Options{})
	if err != nil {
		return nil, err
	}
	container, err := sign.NewCMS(cert)
	if err != nil {
		return nil, err
	}
	request := document.Request{Filter: "Consumer"} // who made it, as an OFD names its provider
	if format == (pdf.Format{}) {
		request.Filter = sign.FilterCMS // readers of PDF do not look at signatures of other handlers
	}
	ticket, err := sign.Prepare(doc, request, container, time.Now(), 0)
	if err != nil {
		return nil, err
	}
	out := &document.Memory{}
	_, err = ticket.Redeem(ctx, key, nil, out) // asks the key once; a ticket works once
	return out, err
}

// judge prints every signature with its verdict and what the checks found. Gather reads, Judge decides.
func judge(ctx context.Context, file *document.Memory, trusted *trust.Set, w io.Writer) error {
	v := verify.Verifier{Formats: formats(), Trust: trusted}
	facts, err := v.Gather(ctx, file, file.Size())
	if err != nil {
		return err
	}
	report := verify.Judge(facts, verify.Policy{}, time.Now())
	for _, s := range report.Signatures {
		fmt.Fprintf(w, "%s %s: %s\n", s.ID, s.Profile, s.Verdict)
		for _, f := range s.Findings {
			fmt.Fprintf(w, "  %s %s: %s\n", f.Level, f.Check, f.Message.EN)
		}
	}
	_, err = fmt.Fprintln(w, "the file:", report.Verdict) // PASSED, FAILED or INDETERMINATE
	return err
}
