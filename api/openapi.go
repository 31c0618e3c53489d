package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"yinxin/verify"
	"yinxin/verify/report"
)

// apiVersion is that of the description, not of the program.
const apiVersion = "1.0.0"

const described = `Says of a file who sealed it, whether it is what was sealed, and whether that can be trusted under the anchors of GET /v1/trust.
PASSED means that the checks passed under that trust, never that a document is legally valid; INDETERMINATE is not to be taken as valid.
Files are judged and dropped; neither they nor their names are kept or logged.`

// trustAnswer is the answer of GET /v1/trust.
type trustAnswer struct {
	Body struct {
		Anchors []report.Trusted `json:"anchors" nullable:"false"`
	}
}

// describe adds the typed operation and the description of all operations. Uploads are described by hand: huma reads bodies without a bound in size or time.
// Nothing here can fail in a handler of huma's, so its own form of errors is never seen.
func (s *Service) describe(r chi.Router) error {
	config := huma.DefaultConfig("Yinxin 印信", apiVersion)
	config.Info.Description = described
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // they reflect the Host header into answers
	a := humachi.New(r, config)
	anchors := trustAnswer{}
	anchors.Body.Anchors = report.Anchors(s.Report.Anchors)
	huma.Register(a, huma.Operation{OperationID: "trust", Method: http.MethodGet, Path: "/v1/trust", Summary: "信任锚 / who is trusted here, for which use, by fingerprint", Tags: []string{"verification"}},
		func(context.Context, *struct{}) (*trustAnswer, error) { return &anchors, nil })
	d := description{a.OpenAPI(), a.OpenAPI().Components.Schemas}
	d.errors(a.OpenAPI().Paths["/v1/trust"].Get, errTooOften, errInternal)
	d.verification()
	d.texts()
	text, err := json.Marshal(a.OpenAPI())
	s.openapi = text
	r.Get("/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Write(s.openapi) //nolint:errcheck // the client went away
	})
	return err
}

// description is an OpenAPI being written.
type description struct {
	*huma.OpenAPI
	schemas huma.Registry
}

func (d description) schema(t reflect.Type) *huma.Schema { return d.schemas.Schema(t, true, "") }

// errors describes refusals, each as problem+json; of one status all codes are named.
func (d description) errors(op *huma.Operation, list ...refusal) {
	problem := d.schema(reflect.TypeFor[Problem]())
	delete(op.Responses, "default")
	for _, x := range list {
		status := strconv.Itoa(x.status)
		if op.Responses[status] == nil {
			op.Responses[status] = &huma.Response{Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}}
		}
		said := op.Responses[status].Description
		if said != "" {
			said += "; "
		}
		op.Responses[status].Description = said + x.Code + ": " + x.ZH + " / " + x.EN
	}
}

func (d description) verification() {
	file, most := &huma.Schema{Type: huma.TypeString, Format: "binary"}, maxWord
	kinds := &huma.Schema{Type: huma.TypeString, Enum: []any{"", "invoice", "license", "proof", "contract"}, Description: "What the document is; by default its content tells."}
	uploads := map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"file": file, "evidence": {Type: huma.TypeString, Format: "binary", Description: "FILE.evidence, kept beside the file"},
			"type": kinds, "password": {Type: huma.TypeString, MaxLength: &most, Description: "of an encrypted file"}}}}}
	for _, t := range []string{"application/pdf", "application/ofd", "application/xml", "application/zip", "application/octet-stream"} {
		uploads[t] = &huma.MediaType{Schema: file}
	}
	verdict := d.schema(reflect.TypeFor[report.File]())
	d.schemas.Map()["File"].Properties["document"].Description = "What the document is and says, where a type with rules was recognised."
	d.nullable("Signature", "seal", "signer", "time")
	d.schemas.Map()["File"].Properties["verdict"].Enum = []any{verify.Passed, verify.Failed, verify.Indeterminate, verify.Unsigned, verify.Unreadable}
	op := &huma.Operation{
		OperationID: "verify", Method: http.MethodPost, Path: "/v1/verifications", Tags: []string{"verification"}, Summary: "核验一个文件 / judge one file",
		Description: "The bytes of the file tell its format, not the content type. Accept chooses the form of the verdict; the JSON is that of `yinxin verify --json`. " +
			"A file that cannot be read is a verdict too (UNREADABLE), with status 200.",
		Parameters: []*huma.Param{
			{Name: "lang", In: "query", Description: "Language of messages, before Accept-Language.", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"zh", "en"}}},
			{Name: "type", In: "query", Description: "The type of a document; of a form, its part of that name.", Schema: kinds},
			{Name: "name", In: "query", Description: "Name of a file sent as it is, to be shown in the verdict.", Schema: &huma.Schema{Type: huma.TypeString}},
		},
		RequestBody: &huma.RequestBody{Required: true, Content: uploads},
		Responses: map[string]*huma.Response{"200": {Description: "核验结论 / the verdict", Content: map[string]*huma.MediaType{
			asJSON: {Schema: verdict}, asWords: {Schema: &huma.Schema{Type: huma.TypeString}}, asPDF: {Schema: file},
		}}},
	}
	d.errors(op, errTooLarge, errSlow, errBroken, errNoFile, errParts, errType, errMedia, errAccept, errTooOften, errInternal, errUnprinted, errDraining, errBusy)
	d.AddOperation(op)
}

// nullable marks properties that are null where there is nothing to say; huma does not know it of objects.
func (d description) nullable(schema string, properties ...string) {
	s := d.schemas.Map()[schema]
	for _, p := range properties {
		s.Properties[p] = &huma.Schema{AnyOf: []*huma.Schema{s.Properties[p], {Type: "null"}}}
	}
}

// texts describes what is asked by machines that watch the service.
func (d description) texts() {
	for path, summary := range map[string]string{"/healthz": "the process answers", "/readyz": "new files are welcome", "/metrics": "measurements, in the text format of Prometheus"} {
		op := &huma.Operation{OperationID: path[1:], Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"operation"},
			Responses: map[string]*huma.Response{"200": {Description: summary, Content: map[string]*huma.MediaType{asWords: {Schema: &huma.Schema{Type: huma.TypeString}}}}}}
		if path == "/readyz" {
			d.errors(op, errDraining)
		}
		d.AddOperation(op)
	}
}
