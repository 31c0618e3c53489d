package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"yinxin/durable"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
)

func (a *app) trustCommand() *cobra.Command {
	c := group("trust", "信任目录 / the directory that says whom you trust, and for what")
	c.AddCommand(a.trustAdd(), a.trustList())
	return c
}

type trustAddOptions struct {
	dir, use, class, name string
	yes                   bool
}

func (a *app) trustAdd() *cobra.Command {
	var o trustAddOptions
	c := &cobra.Command{
		Use:   "add CERT",
		Short: "信任一张证书 / trust a certificate for one use",
		Long: `trust add 显示一份证书，说明信任它意味着什么，询问之后放进信任目录。

回答之前，请把 SM3 指纹与从别的途径（电话、信函、该机构自己的网站）得到的指纹比对：谁都写得出来的文件，只能说明写的人想说什么。

trust add shows a certificate, says what trusting it means, asks, and puts it into a trust directory.

Compare the SM3 fingerprint with one that came another way (telephone, letter, the body's own site) before saying yes: a file that anybody may
have written says only what its writer wanted.`,
		Args: oneArg("证书文件", "certificate file"),
		RunE: func(_ *cobra.Command, args []string) error { return a.addTrust(o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.dir, "dir", "", "信任目录，没有则建立 / the trust `DIR`, made where it is not there")
	f.StringVar(&o.use, "use", "", "用途 / what it may vouch for, `maker|ca|tsa|tax`: seal makers, signers, time stamps, invoice seals")
	f.StringVar(&o.class, "class", "", "机构类别 / the kind of authority, `internal|licensed|egov` (default unknown)")
	f.StringVar(&o.name, "name", "", "报告中的称呼 / what reports call it, `TEXT` (with --class)")
	f.BoolVar(&o.yes, "yes", false, "不询问 / do not ask: for scripts that compared the fingerprint")
	must(c.MarkFlagRequired("dir"))
	must(c.MarkFlagRequired("use"))
	return c
}

func (a *app) trustList() *cobra.Command {
	var dir string
	c := &cobra.Command{Use: "list", Short: "列出所信任的证书 / who is trusted, and for what", Args: noArgs, RunE: func(*cobra.Command, []string) error { return a.listTrust(dir) }}
	c.Flags().StringVar(&dir, "dir", "", "信任目录 / the trust `DIR`")
	must(c.MarkFlagRequired("dir"))
	return c
}

// addTrust does everything that can fail before anything is written.
func (a *app) addTrust(o trustAddOptions, file string) error {
	use, class, err := o.read()
	if err != nil {
		return err
	}
	cert, err := oneCertificate(file)
	if err != nil {
		return err
	}
	set, err := openTrust(o.dir)
	if err != nil {
		return err
	}
	for _, anchor := range set.Anchors() {
		if anchor.Use == use && anchor.Certificate.Equal(cert) {
			return fault.New(fault.Conflict, "trust-present", "这张证书已在 "+o.dir+" 的 "+string(use)+" 中，无需再加", "this certificate is in "+string(use)+" of "+o.dir+" already", nil)
		}
	}
	a.showAnchor(cert)
	fmt.Fprintln(a.out, a.meaning(use, cert))
	for _, w := range a.warnings(set, cert, use) {
		fmt.Fprintln(a.out, a.say("注意：", "Note: ")+w)
	}
	if !o.yes {
		if err := a.ask(a.say("指纹已经另行核对，信任这张证书？[y/N] ", "Compared the fingerprint, and trust this certificate? [y/N] ")); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(set.Anchors(), func(t trust.Anchor) bool { return t.Certificate.Equal(cert) && t.Class == class }) {
		class = "" // trust.yaml says so already, for another use
	}
	path, err := writeAnchor(o.dir, use, cert, class, o.name)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, a.say("已加入 ", "added ")+path)
	return nil
}

// read checks the words of the command line.
func (o *trustAddOptions) read() (trust.Use, trust.Class, error) {
	use := trust.Use(o.use)
	if !slices.Contains(trust.Uses(), use) {
		return "", "", usage("--use 只能是 maker、ca、tsa 或 tax，不能是“"+o.use+"”", "--use is maker, ca, tsa or tax, not “"+o.use+"”")
	}
	classes := map[string]trust.Class{"": "", "internal": trust.ClassInternal, "licensed": trust.ClassLicensed, "egov": trust.ClassEGovernment, "e-government": trust.ClassEGovernment}
	class, known := classes[o.class]
	if !known {
		return "", "", usage("--class 只能是 internal、licensed 或 egov，不能是“"+o.class+"”", "--class is internal, licensed or egov, not “"+o.class+"”")
	}
	if o.name != "" && class == "" {
		return "", "", usage("--name 要与 --class 一起使用", "--name goes with --class")
	}
	return use, class, nil
}

func oneCertificate(file string) (*gm.Certificate, error) {
	data, err := readSmall(file)
	if err != nil {
		return nil, err
	}
	list, err := gm.ParseCertificates(data)
	if err != nil {
		return nil, about(file, fault.New(fault.Invalid, "cert-unreadable", "这不是证书（PEM 或 DER）", "this is no certificate (PEM or DER)", err))
	}
	if len(list) != 1 {
		return nil, about(file, fault.New(fault.Invalid, "cert-several", fmt.Sprintf("其中有 %d 张证书，请一次加一张", len(list)), fmt.Sprintf("it holds %d certificates: add one at a time", len(list)), nil))
	}
	return list[0], nil
}

// openTrust reads a trust directory; one that is not there is empty.
func openTrust(dir string) (*trust.Set, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return trust.NewSet(nil, trust.Evidence{})
	}
	set, err := trust.Load(os.DirFS(dir))
	return set, about(dir, err)
}

func (a *app) showAnchor(cert *gm.Certificate) {
	link := trust.NewLink(cert)
	field := func(zh, en, value string) { fmt.Fprintf(a.out, "%s%s\n", a.say(zh, en), plain(value)) }
	field("持有人：      ", "Subject:         ", link.Subject)
	field("颁发者：      ", "Issuer:          ", link.Issuer)
	field("序列号：      ", "Serial:          ", link.Serial)
	field("有效期：      ", "Valid:           ", link.NotBefore.UTC().Format(time.DateOnly)+a.say(" 至 ", " to ")+link.NotAfter.UTC().Format(time.DateOnly))
	field("密钥：        ", "Key:             ", link.KeyAlgorithm)
	field("SM3 指纹：    ", "SM3 fingerprint: ", spaced(link.Fingerprint))
}

// spaced breaks a fingerprint into groups of four, as people read it out.
func spaced(hex string) string {
	var b strings.Builder
	for i := 0; i < len(hex); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(hex[i:min(i+4, len(hex))])
	}
	return b.String()
}

func isCA(cert *gm.Certificate) bool { return cert.BasicConstraintsValid && cert.IsCA }

// meaning says in plain words what will be believed.
func (a *app) meaning(use trust.Use, cert *gm.Certificate) string {
	own := !isCA(cert)
	switch use {
	case trust.UseMaker:
		if own {
			return a.say("信任后：此证书持有人制作的印章，在本机核验时视为由可信的制章者制作。", "If trusted: seals made by the holder of this certificate count here as made by a trusted maker.")
		}
		return a.say("信任后：此机构签发的任何证书，其持有人都能制作在本机视为可信的印章。", "If trusted: whoever holds any certificate issued by this authority can make seals that count as trusted here.")
	case trust.UseCA:
		if own {
			return a.say("信任后：此证书持有人的签名，在本机核验时视为身份已确认。", "If trusted: signatures by the holder of this certificate count here as made by who it names.")
		}
		return a.say("信任后：此机构签发的任何证书，其中写明的签章人身份在本机视为已确认。", "If trusted: whoever this authority certifies counts here as the signer that the certificate names.")
	case trust.UseTSA:
		return a.say("信任后：它（或它签发的时间戳证书）给出的时间，在本机视为已证明的时间。", "If trusted: times stated by it, or by time stamping authorities it certifies, count here as proven.")
	}
	return a.say("信任后：它（或它签发的证书）在发票上的签章，在本机视为税务机关的签章。", "If trusted: invoice seals signed by it, or by whoever it certifies, count here as the tax authority's.")
}

// warnings say what may make the trust useless or too wide.
func (a *app) warnings(set *trust.Set, cert *gm.Certificate, use trust.Use) (out []string) {
	switch now := a.now(); {
	case now.After(cert.NotAfter):
		out = append(out, a.say("证书已过期，依靠它的签章不会核验通过。", "the certificate has expired: nothing that rests on it will pass."))
	case now.Before(cert.NotBefore):
		out = append(out, a.say("证书尚未生效。", "the certificate is not valid yet."))
	}
	if use == trust.UseCA && !isCA(cert) {
		out = append(out, a.say("这不是机构证书，只对它自己的签名有效，不能为其他证书担保。", "this is no authority's certificate: it vouches for its own signatures only, not for other certificates."))
	}
	for _, anchor := range set.Anchors() {
		if !anchor.Certificate.Equal(cert) || anchor.Use == use {
			continue
		}
		out = append(out, a.say("这张证书也在 "+string(anchor.Use)+" 中。", "this certificate is in "+string(anchor.Use)+" too."))
		apart := []trust.Use{trust.UseMaker, trust.UseCA}
		if isCA(cert) && slices.Contains(apart, use) && slices.Contains(apart, anchor.Use) {
			out = append(out, a.say("同一个机构既担保制章者又担保签章人，任何签章人都能冒充制章者：这样的印章只会得到“不能确定”（MAKER_NOT_SET_APART）。请在 maker 中改放制章者自己的证书。",
				"one authority for makers and signers lets any signer pass for a maker: such seals will be INDETERMINATE (MAKER_NOT_SET_APART). Put the maker's own certificate into maker instead."))
		}
		apart = []trust.Use{trust.UseTax, trust.UseCA}
		if isCA(cert) && slices.Contains(apart, use) && slices.Contains(apart, anchor.Use) {
			out = append(out, a.say("同一个机构既担保税务机关又担保签章人，任何签章人都能冒充税务机关，因此 tax 中的这张证书不起作用。请在 tax 中改放税务机关自己的证书。",
				"one authority for tax authorities and signers lets any signer pass for a tax authority, so it counts for nothing in tax. Put the tax authority's own certificate into tax instead."))
		}
	}
	return out
}

// ask wants a yes from whoever sits at the terminal. Anything else is a refusal, and a script has to say --yes.
func (a *app) ask(question string) error {
	if in, ok := a.in.(*os.File); ok && !term.IsTerminal(int(in.Fd())) {
		return usage("这里没有终端可供询问：核对指纹后用 --yes", "there is no terminal to ask at: compare the fingerprint, then use --yes")
	}
	fmt.Fprint(a.err, question)
	line, err := bufio.NewReader(io.LimitReader(a.in, 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "是":
		return nil
	}
	return fault.New(fault.Denied, "trust-declined", "没有加入，信任目录未改动", "not added; the trust directory is unchanged", nil)
}

// writeAnchor puts the certificate into the folder of its use and its class into trust.yaml: both or neither.
func writeAnchor(dir string, use trust.Use, cert *gm.Certificate, class trust.Class, name string) (string, error) {
	folder := filepath.Join(dir, string(use))
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // anchors are for everyone to read
		return "", unwritable(folder, err)
	}
	lock, err := os.Open(dir)
	if err != nil {
		return "", unwritable(dir, err)
	}
	defer lock.Close()
	if held, err := durable.TryLock(lock); err != nil || !held {
		return "", fault.New(fault.Conflict, "trust-busy", "另一个程序正在改动 "+dir+"，请稍后再试", dir+" is being changed by another program: try again", err)
	}
	file := filepath.Join(dir, trust.ClassFile)
	text, err := withClass(file, cert, class, name)
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, trust.Fingerprint(cert)+".crt")
	if err := writeBytes(path, gm.EncodePEM(cert)); err != nil {
		return "", err
	}
	if text != nil {
		if err := writeBytes(file, text); err != nil {
			return "", errors.Join(err, os.Remove(path)) // a class without its certificate, or the reverse, is what nobody asked for
		}
	}
	return path, nil
}

// withClass returns the new text of trust.yaml, nil where it stays as it is.
func withClass(file string, cert *gm.Certificate, class trust.Class, name string) ([]byte, error) {
	if class == "" {
		return nil, nil
	}
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, unreadable(file, err)
	}
	return trust.AddClass(old, cert, class, name)
}

func (a *app) listTrust(dir string) error {
	set, err := loadTrust(dir)
	if err != nil {
		return err
	}
	now := a.now()
	for _, anchor := range set.Anchors() {
		c := anchor.Certificate
		name := anchor.Name
		if name == "" {
			name = c.Subject.String()
		}
		state := a.say("至 ", "to ") + c.NotAfter.UTC().Format(time.DateOnly)
		if now.After(c.NotAfter) {
			state += a.say("（已过期）", " (expired)")
		}
		fmt.Fprintf(a.out, "%-5s  %s  %s  %s  %s\n", anchor.Use, trust.Fingerprint(c), anchor.Class.In(a.lang), state, plain(name))
	}
	if len(set.Anchors()) == 0 {
		fmt.Fprintln(a.err, a.say("这个目录里没有受信任的证书", "nobody is trusted here"))
	}
	return nil
}
