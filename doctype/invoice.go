package doctype

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"yinxin/document"
	"yinxin/einvoice"
	"yinxin/fault"
)

// InvoiceFacts is what an invoice says, by each of its sources.
type InvoiceFacts struct {
	Data   []einvoice.Invoice `json:"data,omitempty"`   // made for programs: original_invoice.xml whatever its name, or an XML file by itself
	Face   *einvoice.Invoice  `json:"face,omitempty"`   // the texts of the pages that custom tags point to
	Words  []einvoice.Invoice `json:"words,omitempty"`  // what stands on the pages beside the names of fields, where tags do not say it
	Labels *einvoice.Invoice  `json:"labels,omitempty"` // entries of the container
	Unread []Unread           `json:"unread,omitempty"`

	Pages  int  `json:"pages"`            // 0: data alone, without a face
	Hidden bool `json:"hidden,omitempty"` // pages have text that cannot be read, or pictures and shapes instead of text
}

// Unread is a part that seems to hold an invoice's data and cannot be read.
type Unread struct {
	Part string `json:"part"`
	Why  Words  `json:"why"`
}

// Bounds of what is read for an invoice's data.
const (
	mostXML   = 8 << 20  // of one part, in bytes
	mostRead  = 16 << 20 // of all of them
	mostParts = 50
)

// certainInvoice looks for data: attachments that are an invoice's, and tags that name an invoice's fields.
func certainInvoice(ctx context.Context, r *reading) (bool, error) {
	f := &InvoiceFacts{}
	tags := f.carried(r.contents)
	if err := f.taggedFace(ctx, r, tags); err != nil {
		return false, err
	}
	if len(f.Data) == 0 && f.Face == nil && len(f.Unread) == 0 {
		return false, nil
	}
	f.labels(r.contents)
	var look facelook
	if f.Face == nil || !tells(f.Face) {
		var err error
		if look, err = r.invoiceWords(ctx, f); err != nil {
			return false, err
		}
	}
	if r.told != Invoice && !f.isOne(look) {
		return false, nil
	}
	switch {
	case len(f.Data) > 0:
		r.facts.Why = Words{"文件附有发票数据 " + clip(f.Data[0].Part), "it carries an invoice's data, " + clip(f.Data[0].Part)}
	case f.Face != nil:
		r.facts.Why = Words{"票面各项带有发票的标记 " + clip(f.Face.Part), "its face is tagged as an invoice's, " + clip(f.Face.Part)}
	default:
		r.facts.Why = Words{"文件附有读不出的发票数据 " + clip(f.Unread[0].Part), "it carries an invoice's data, " + clip(f.Unread[0].Part) + ", which cannot be read"}
	}
	r.tell(f)
	return true, nil
}

// likelyInvoice looks for the words of an invoice's face.
func likelyInvoice(ctx context.Context, r *reading) (bool, error) {
	f := &InvoiceFacts{}
	if _, err := r.invoiceWords(ctx, f); err != nil || len(f.Words) == 0 {
		return false, err
	}
	f.labels(r.contents)
	for i := range f.Words {
		f.Words[i].Untested = true
	}
	r.facts.Why = Words{"页面上写有发票的名称、号码和日期等项目", "its pages have an invoice's name, and fields such as number and date"}
	r.tell(f)
	return true, nil
}

// labels reads the entries of the container.
func (f *InvoiceFacts) labels(c document.Contents) {
	labels, _ := c.Labels() // none that can be read are none
	list := make([]einvoice.Label, len(labels))
	for i, l := range labels {
		list[i] = einvoice.Label{Name: l.Name, Value: l.Value}
	}
	if inv := einvoice.FromLabels("CustomDatas", list); inv.Number.State != einvoice.Missing {
		f.Labels = &inv
	}
}

// tell completes the facts.
func (r *reading) tell(f *InvoiceFacts) {
	f.Pages = 1
	if pages, err := r.doc.Pages(); err == nil {
		f.Pages = len(pages)
	}
	r.facts.Invoice, r.facts.Fields = f, f.fields()
	r.facts.Untested = slices.ContainsFunc(f.principals(), func(i *einvoice.Invoice) bool { return i.Untested })
}

// carried reads the attachments, and returns the tags that speak of an invoice.
func (f *InvoiceFacts) carried(c document.Contents) (tags map[string][]byte) {
	list, err := c.Carried()
	if err != nil {
		return nil // there is nothing that could be an invoice's, by what can be told
	}
	room := int64(mostRead)
	for _, part := range list[:min(len(list), mostParts)] {
		data, err := c.Read(part, min(mostXML, room))
		if err != nil {
			if strings.Contains(strings.ToLower(part.Path), "invoice") {
				f.Unread = append(f.Unread, unreadPart(part.Path, err))
			}
			continue
		}
		room -= int64(len(data))
		if !IsXML(data) || !bytes.Contains(data, []byte("nvoice")) {
			continue
		}
		if part.As == document.Tags {
			if tags == nil {
				tags = map[string][]byte{}
			}
			tags[part.Path] = data
			continue
		}
		found, err := einvoice.Parse(part.Path, data)
		if p, _ := fault.PublicOf(err); err != nil && p.Code != "invoice-form-unknown" {
			f.Unread = append(f.Unread, unreadPart(part.Path, err))
		}
		f.Data = append(f.Data, found...)
	}
	return tags
}

func unreadPart(part string, err error) Unread {
	p, _ := fault.PublicOf(err)
	return Unread{Part: part, Why: Words{p.ZH, p.EN}}
}

// taggedFace reads what tags point to. Of several files of tags the first that says anything counts; more than one is told as unread.
func (f *InvoiceFacts) taggedFace(ctx context.Context, r *reading, tags map[string][]byte) error {
	for _, part := range slices.Sorted(maps.Keys(tags)) {
		text, err := r.textAt(ctx)
		if err != nil {
			return err
		}
		face, err := einvoice.ParseTags(part, tags[part], text)
		switch p, _ := fault.PublicOf(err); {
		case err != nil && p.Code == "invoice-form-unknown":
		case err != nil:
			f.Unread = append(f.Unread, unreadPart(part, err))
		case !says(&face):
		case f.Face != nil:
			f.Unread = append(f.Unread, Unread{part, Words{"文件中有多组发票标记，只读取了其中一组", "there are several sets of an invoice's tags, of which one was read"}})
		default:
			f.Face = &face
		}
	}
	return nil
}

// pageCount is how many pages are read.
func (r *reading) pageCount() int {
	pages, err := r.doc.Pages()
	if err != nil {
		return 0
	}
	return min(len(pages), mostPages)
}

// textAt answers what an object of a page says. Runs of one object follow one another; an identifier that comes again elsewhere names nothing.
func (r *reading) textAt(ctx context.Context) (einvoice.Text, error) {
	type entry struct {
		text string
		open bool // the last run was of this object
		lost bool
	}
	texts := map[einvoice.ObjectRef]*entry{}
	for n := 1; n <= r.pageCount(); n++ {
		p, err := r.text(ctx, n)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err != nil {
			continue // what stands there cannot be told, and the fields that point there are unread
		}
		var last *entry
		for _, run := range p.Runs {
			if run.Object.ID == 0 {
				continue
			}
			ref := einvoice.ObjectRef{Page: run.Object.Page, Object: run.Object.ID}
			e := texts[ref]
			if e == nil {
				e = &entry{open: true}
				texts[ref] = e
			}
			if last != nil && last != e {
				last.open = false
			}
			e.lost = e.lost || !e.open
			e.text += run.Text
			last = e
		}
		if last != nil {
			last.open = false
		}
	}
	return func(ref einvoice.ObjectRef) (string, bool) {
		e := texts[ref]
		if e == nil || e.lost {
			return "", false
		}
		return e.text, true
	}, nil
}

// says reports whether a source has any of the fields that tell one invoice from another.
func says(i *einvoice.Invoice) bool {
	return max(i.Number.State, i.Code.State, i.Total.State, i.Seller.Name.State, i.Net.State) > einvoice.Missing
}

// tells reports whether a source says which invoice it is, by whom, and how much.
func tells(i *einvoice.Invoice) bool {
	return i.Number.Given() && i.Total.Given() && i.Seller.Name.Given()
}

// principals are the sources that are held against all rules: the data, or where there is none the best of what there is.
func (f *InvoiceFacts) principals() []*einvoice.Invoice {
	switch {
	case len(f.Data) > 0:
		return pointers(f.Data)
	case f.Face != nil:
		return []*einvoice.Invoice{f.Face}
	case len(f.Words) > 0:
		return pointers(f.Words)
	case f.Labels != nil:
		return []*einvoice.Invoice{f.Labels}
	}
	return nil
}

// sources are all of them, the most reliable first.
func (f *InvoiceFacts) sources() []*einvoice.Invoice {
	list := pointers(f.Data)
	if f.Face != nil {
		list = append(list, f.Face)
	}
	list = append(list, pointers(f.Words)...)
	if f.Labels != nil {
		list = append(list, f.Labels)
	}
	return list
}

func pointers(list []einvoice.Invoice) []*einvoice.Invoice {
	var out []*einvoice.Invoice
	for i := range list {
		out = append(out, &list[i])
	}
	return out
}

// ReadXML reads an invoice that is an XML file by itself. An XML file that is none is an error (fault.Invalid, xml-not-invoice), and so is one that cannot
// be read or has a document type (invoice-xml-malformed, invoice-xml-too-large).
func ReadXML(name string, data []byte, told Type) (Facts, error) {
	found, err := einvoice.Parse(cmp.Or(name, "XML"), data)
	if p, _ := fault.PublicOf(err); p.Code == "invoice-form-unknown" || told != Unknown && told != Invoice {
		return Facts{}, fault.New(fault.Invalid, "xml-not-invoice", "按内容看，这个 XML 文件不是本程序认识的电子发票；单独的 XML 文件只能作为电子发票读取",
			"by its content this XML file is no e-invoice of a form known here; XML by itself is read only as an e-invoice", errors.Unwrap(err))
	}
	if err != nil {
		return Facts{}, err
	}
	f := &InvoiceFacts{Data: found}
	facts := Facts{Type: Invoice, Certainty: Certain, Why: Words{"这是发票的 XML 数据", "it is the XML data of an invoice"}, Invoice: f, Fields: f.fields()}
	facts.Untested = found[0].Untested
	if told == Invoice {
		facts.Certainty = Told
	}
	return facts, nil
}
