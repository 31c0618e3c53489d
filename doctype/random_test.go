package doctype

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yinxin/document"
)

// words that make the readers look closer.
func pieces() []string {
	return []string{"甲方", "乙方（盖章）：", firstName, secondUSCC, "信用代码：", "# 采购合同", "在职证明", "营业执照", "证照标识", "登记机关：", "有效期", "2026年3月18日", "二〇二六年三月十日",
		"编号：", "特此证明", "1.2.156.3005.2.", "名称", "—（无）", "：", "\x00", "\xff", "　", "年月日", "十", "PARTY A:", strings.Repeat("甲", 300)}
}

func randomPaper() *rapid.Generator[*paper] {
	number := rapid.OneOf(rapid.Float64Range(-10, 300), rapid.SampledFrom([]float64{0, 1e300, math.Inf(1), math.NaN(), -1e-300}))
	text := rapid.OneOf(rapid.SampledFrom(pieces()), rapid.String(), rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces()), 0, 4), func(p []string) string { return strings.Join(p, "") }))
	run := rapid.Custom(func(t *rapid.T) document.Run {
		return document.Run{Text: text.Draw(t, "text"), X: number.Draw(t, "x"), Y: number.Draw(t, "y"), Width: number.Draw(t, "width"), Height: number.Draw(t, "height")}
	})
	return rapid.Custom(func(t *rapid.T) *paper {
		p := &paper{carried: map[string]string{"a": rapid.SampledFrom([]string{"", "{", `{"format":"yinxin-licence-record/1"}`, `{"format":"yinxin-licence-record/9`}).Draw(t, "carried")}}
		for range rapid.IntRange(0, 4).Draw(t, "pages") {
			p.pages = append(p.pages, document.PageText{Runs: rapid.SliceOfN(run, 0, 30).Draw(t, "runs"), Drawn: rapid.Bool().Draw(t, "drawn")})
		}
		return p
	})
}

// Whatever stands on a page, reading it ends, and a document that nobody could read is not passed.
func TestRandomPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := randomPaper().Draw(t, "paper")
		told := rapid.SampledFrom([]Type{Unknown, License, Proof, Contract}).Draw(t, "told")
		f, err := Read(context.Background(), p, told)
		if err != nil {
			t.Fatal(err)
		}
		found := Check(&f, []Signer{first(), {Name: "林一示"}}, now())
		for _, x := range found {
			if len(x.ZH) < 10 || len(x.EN) < 10 || (x.Level == Fail || x.Level == Undecided) && (x.Next.ZH == "" || x.Next.EN == "") {
				t.Fatalf("%s has no words, or does not say what to do: %+v", x.Code, x)
			}
		}
		if len(p.pages) == 0 && told != Unknown {
			for _, x := range found {
				if x.Level == Fail || x.Level == Undecided {
					return
				}
			}
			t.Fatal("an empty document holds every rule")
		}
	})
}

// FuzzFace reads one page whose lines are those of a text, columns parted by |, as each type.
func FuzzFace(f *testing.F) {
	for _, p := range []string{"# 营业执照\n名称：" + firstName + "|统一社会信用代码|" + firstUSCC + "\n登记机关：示例市登记管理局\n2026年3月18日",
		"# 在职证明\n编号：A-1\n兹证明\n|示例市数据局\n|二〇二六年三月十八日", "# 采购合同\n甲方（盖章）：|" + firstName + "\n信用代码：" + firstUSCC + "\n乙方|" + secondName, strings.Join(pieces(), "\n")} {
		f.Add(p)
	}
	record, _ := licence(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 20000 {
			return
		}
		p := written(strings.Split(text, "\n")...)
		for _, told := range []Type{Unknown, License, Proof, Contract} {
			facts, err := Read(t.Context(), p, told)
			if err != nil {
				t.Fatal(err)
			}
			Check(&facts, []Signer{first()}, now())
		}
		face := newFace([]sheet{sheetOf(1, p.pages[0])})
		printed, _ := face.printed()
		face.compare(record, printed)
	})
}

// A page made to be slow is given up, and said not to agree: every cell is the beginning of a long value.
func TestHostileFace(t *testing.T) {
	record, p := licence(t, nil)
	long := strings.Repeat("云", 4000)
	record.Face.Values["scope"], record.Face.Values["name"] = long, long+"山"
	var page document.PageText
	for i := range 30000 {
		page.Runs = append(page.Runs, document.Run{Text: "云云", X: float64(i%150) * 8, Y: float64(i/150) * 2, Width: 3, Height: 3})
	}
	p.pages = []document.PageText{page, page, page, page}
	var sheets []sheet
	for i, text := range p.pages {
		sheets = append(sheets, sheetOf(i+1, text))
	}
	face := newFace(sheets)
	printed, _ := face.printed()
	fields, _ := face.compare(record, printed)
	if face.steps > 0 {
		t.Errorf("%d steps are left: the page is not slow", face.steps)
	}
	for _, f := range fields {
		if f.Found == Agrees {
			t.Errorf("%s agrees", f.Key)
		}
	}
	for _, told := range []Type{Proof, Contract} {
		read(t, &paper{pages: []document.PageText{sheetOfLines(strings.Split(strings.Repeat("甲方：云|乙方：云|丙方：云|信用代码\n", 3000), "\n")...)}}, told)
	}
}

// Facts that were kept are judged as they were.
func TestFactsReadBack(t *testing.T) {
	_, licence := licence(t, nil)
	replace("样本路 100 号", "样本路 101 号")(licence)
	for _, p := range []*paper{licence, ordinaryLicence(), proof(), short()} {
		f := read(t, p, Unknown)
		data, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "样本路") {
			t.Errorf("the facts keep an address: %s", data)
		}
		var again Facts
		if err := json.Unmarshal(data, &again); err != nil {
			t.Fatal(err)
		}
		signers := []Signer{first(), office()}
		if d := cmp.Diff(Check(&f, signers, now()), Check(&again, signers, now())); d != "" || again.Type == Unknown {
			t.Errorf("%s: %s", f.Type, d)
		}
	}
}
