package draw
import ("testing";"bytes";"compress/zlib";"io")
func raws(t testing.TB) ([]byte,int) { d:=mustNew(t, design(LegalName, nameOf(12))); m,_:=d.mask(600); w:=m.Rect.Dx(); var b []byte; for y:=range m.Rect.Dy() { b=append(b,0); b=append(b,m.Pix[y*m.Stride:y*m.Stride+w]...) }; return b,w+1 }
func TestDefl(t *testing.T){ b,s:=raws(t); z:=deflate(b,s); r,err:=zlib.NewReader(bytes.NewReader(z)); if err!=nil {t.Fatal(err)}; got,err:=io.ReadAll(r); t.Log(err,bytes.Equal(got,b),len(z)); var o bytes.Buffer; w,_:=zlib.NewWriterLevel(&o,1); w.Write(b); w.Close(); t.Log(o.Len()) }
func BenchmarkDefl(b *testing.B){ d,s:=raws(b); for b.Loop(){ deflate(d,s)} }
func BenchmarkZ(b *testing.B){ d,_:=raws(b); for b.Loop(){ var o bytes.Buffer; w,_:=zlib.NewWriterLevel(&o,1); w.Write(d); w.Close()} }
