//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	p11 "github.com/miekg/pkcs11"

	"yinxin/fault"
	"yinxin/hsm"
)

// examiner collects findings about one token.
type examiner struct{ Diagnosis }

func (e *examiner) good(zh, en string) { e.Findings = append(e.Findings, Finding{true, zh, en}) }

func (e *examiner) bad(zh, en string) { e.Findings = append(e.Findings, Finding{false, zh, en}) }

// failed puts an error into words, with the detail that its sentence leaves to operators.
func (e *examiner) failed(err error) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = fault.New(fault.Unavailable, "hsm-doctor", "操作没有完成", "the work could not be finished", err)
	}
	zh := f.Public.ZH
	if f.Err != nil {
		zh += "（" + f.Err.Error() + "）"
	}
	e.bad(zh, f.Error())
}

// Examine looks at every token of a configuration: library, slots, mechanisms, which profile fits, limits, and each key by having it sign. What is
// wrong is a finding, not an error.
func Examine(ctx context.Context, c Config, o Options) ([]Diagnosis, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	var all []Diagnosis
	for _, t := range c.Tokens {
		e := &examiner{Diagnosis{Token: t.Token.String()}}
		e.examine(ctx, t, o)
		all = append(all, e.Diagnosis)
	}
	return all, ctx.Err()
}

func (e *examiner) examine(ctx context.Context, conf TokenConfig, o Options) {
	p, err := Open(Config{Tokens: []TokenConfig{conf}}, o)
	if err != nil {
		e.failed(err)
		return
	}
	defer p.Close()
	m, err := loadModule(ctx, realPath(conf.Module), p.opts)
	if err != nil {
		e.failed(err)
		return
	}
	err = e.look(ctx, m, p.conf.Tokens[0])
	m.close() // crypto11 wants to be the one who initialises it
	if err != nil {
		e.failed(explain(conf.Token.String(), err, nil))
		return
	}
	e.keys(ctx, p, conf)
}

// look describes the library and its tokens, without logging in.
func (e *examiner) look(ctx context.Context, m *module, conf TokenConfig) error {
	limit := defaultTimeout
	if conf.Timeout > 0 {
		limit = conf.Timeout
	}
	info, err := call(ctx, m.calls, limit, m.lib.GetInfo, nil)
	if err != nil {
		return err
	}
	e.good(fmt.Sprintf("库 %s：%s %s（厂商 %s，PKCS#11 %s）", conf.Module, trimmed(info.LibraryDescription), version(info.LibraryVersion), trimmed(info.ManufacturerID), version(info.CryptokiVersion)),
		fmt.Sprintf("library %s: %s %s by %s, PKCS#11 %s", conf.Module, trimmed(info.LibraryDescription), version(info.LibraryVersion), trimmed(info.ManufacturerID), version(info.CryptokiVersion)))
	from := remembered(tokensOf(ctx, m, limit))
	if err := e.slots(from, conf.Token); err != nil {
		return err
	}
	slot, token, err := seek(from, conf.Token, 0, "")
	if err != nil {
		return err
	}
	if text := strings.ToLower(info.ManufacturerID + token.Model); strings.Contains(text, "yinxin") || strings.Contains(text, "soft") {
		e.good("这是软件令牌，不是经认证的密码模块", "this token is software, not a certified cryptographic module")
	}
	e.limits(conf, token)
	found, err := call(ctx, m.calls, limit, func() ([]Finding, error) {
		at := new(examiner) // of its own: a call that hangs goes on
		err := at.mechanisms(m.lib, slot, conf)
		return at.Findings, err
	}, nil)
	e.Findings = append(e.Findings, found...)
	return err
}

// remembered asks each slot once: one that hangs takes its time.
func remembered(from tokens) tokens {
	type answer struct {
		info p11.TokenInfo
		err  error
	}
	asked := map[uint]answer{}
	return tokens{from.slots, func(slot uint) (p11.TokenInfo, error) {
		a, known := asked[slot]
		if !known {
			a.info, a.err = from.info(slot)
			asked[slot] = a
		}
		return a.info, a.err
	}}
}

// slots lists the tokens there are. One that has the label looked for and not the serial number may have taken the place of the one looked for.
func (e *examiner) slots(from tokens, want TokenName) error {
	slots, err := from.slots()
	if err != nil {
		return err
	}
	there, others := false, []string{}
	for _, s := range slots {
		i, err := from.info(s)
		if errors.Is(err, errHung) {
			e.bad(fmt.Sprintf("槽位 %d 的令牌在时限内没有应答", s), fmt.Sprintf("the token in slot %d did not answer in time", s))
			continue
		}
		if err != nil {
			e.bad(fmt.Sprintf("槽位 %d 不能读取：%v", s, err), fmt.Sprintf("slot %d cannot be read: %v", s, err))
			continue
		}
		e.good(fmt.Sprintf("槽位 %d：令牌 %s #%s，型号 %s%s", s, trimmed(i.Label), trimmed(i.SerialNumber), trimmed(i.Model), flagWords(i.Flags, true)),
			fmt.Sprintf("slot %d: token %s #%s, model %s%s", s, trimmed(i.Label), trimmed(i.SerialNumber), trimmed(i.Model), flagWords(i.Flags, false)))
		if all, label := want.is(i); label {
			there = there || all
			others = append(others, trimmed(i.SerialNumber))
		}
	}
	if !there && len(others) > 0 {
		e.bad(fmt.Sprintf("名为 %s 的是另一个令牌：序列号是 %s，配置的是 %s", want.Label, strings.Join(others, "、"), want.Serial),
			fmt.Sprintf("another token has the label %s: its serial number is %s, configured is %s", want.Label, strings.Join(others, ", "), want.Serial))
	}
	return nil
}

// flagWords says what the flags of a token mean for its PIN.
func flagWords(flags uint, zh bool) string {
	for _, f := range []struct {
		flag   uint
		zh, en string
	}{
		{p11.CKF_USER_PIN_LOCKED, "，口令已锁定", ", PIN locked"}, {p11.CKF_USER_PIN_FINAL_TRY, "，口令只剩最后一次机会", ", PIN: last try"},
		{p11.CKF_USER_PIN_COUNT_LOW, "，口令曾输错", ", PIN: a wrong one was tried"},
	} {
		if flags&f.flag != 0 {
			if zh {
				return f.zh
			}
			return f.en
		}
	}
	return ""
}

func (e *examiner) limits(conf TokenConfig, token p11.TokenInfo) {
	n := token.MaxSessionCount
	if n == p11.CK_EFFECTIVELY_INFINITE || n == p11.CK_UNAVAILABLE_INFORMATION {
		e.good("令牌没有说明会话上限", "the token states no limit of sessions")
		return
	}
	zh, en := fmt.Sprintf("令牌最多 %d 个会话，配置要用 %d 个", n, conf.Sessions+1), fmt.Sprintf("the token has %d sessions, the configuration wants %d", n, conf.Sessions+1)
	if int(n) < conf.Sessions+1 {
		e.bad(zh+"：请调低 sessions", en+": lower sessions")
		return
	}
	e.good(zh, en)
}

func (e *examiner) mechanisms(lib *p11.Ctx, slot uint, conf TokenConfig) error {
	list, err := lib.GetMechanismList(slot)
	if err != nil {
		return err
	}
	var vendor []string
	var has []uint
	for _, m := range list {
		has = append(has, m.Mechanism)
		if m.Mechanism >= p11.CKM_VENDOR_DEFINED {
			vendor = append(vendor, fmt.Sprintf("%#x", m.Mechanism))
		}
	}
	e.good(fmt.Sprintf("机制 %d 个，其中厂商自定义：%s", len(list), strings.Join(vendor, " ")), fmt.Sprintf("%d mechanisms, the vendor's own: %s", len(list), strings.Join(vendor, " ")))
	if conf.Serves == ServesRSAECDSA {
		for _, need := range []uint{p11.CKM_RSA_PKCS, p11.CKM_ECDSA} {
			if !slices.Contains(has, need) {
				e.bad(fmt.Sprintf("令牌没有机制 %#x", need), fmt.Sprintf("the token does not have mechanism %#x", need))
			}
		}
		return nil
	}
	t := newToken(conf, Options{}.complete(), nil)
	defer t.end()
	profiles, err := t.recognise(lib, slot)
	if err != nil {
		return err
	}
	for _, p := range profiles {
		zh, en := fmt.Sprintf("厂商配置 %s（%s）", p.Name, p.Source), fmt.Sprintf("profile %s (%s)", p.Name, p.Source)
		for _, need := range []uint{p.SM2.Sign.Digest.Mechanism, p.SM2.KeyGen.Mechanism} {
			if !slices.Contains(has, need) {
				e.bad(zh+fmt.Sprintf("：令牌没有机制 %#x", need), en+fmt.Sprintf(": the token does not have mechanism %#x", need))
				return nil
			}
		}
		e.good(zh, en)
	}
	return nil
}

// keys logs in and has every key sign.
func (e *examiner) keys(ctx context.Context, p *Provider, conf TokenConfig) {
	list, err := p.List(ctx)
	if err != nil {
		e.failed(err)
		return
	}
	e.good(fmt.Sprintf("登录成功，有 %d 把密钥", len(list)), fmt.Sprintf("logged in; %d keys", len(list)))
	var refs []hsm.Ref
	for _, k := range conf.Keys {
		refs = append(refs, hsm.Ref(k.Name)) // these are held to what the configuration says of them
	}
	named := map[hsm.Ref]bool{}
	for _, ref := range refs {
		named[e.key(ctx, p, ref)] = true
	}
	for _, k := range list {
		if !named[k.Ref] {
			e.key(ctx, p, k.Ref)
		}
	}
}

// key has one key sign three times and returns its full reference.
func (e *examiner) key(ctx context.Context, p *Provider, ref hsm.Ref) hsm.Ref {
	var info KeyInfo
	var took time.Duration
	for range 3 {
		var err error
		if info, err = p.Inspect(ctx, ref); err != nil {
			e.failed(err)
			return ""
		}
		if took == 0 || info.SelfTest < took {
			took = info.SelfTest
		}
	}
	if info.SelfTest == 0 {
		e.good(fmt.Sprintf("密钥 %s：每次签名都要重新授权，自检留待首次使用", info.Ref), fmt.Sprintf("key %s wants an authorisation each time: its first use is its test", info.Ref))
		return info.Ref
	}
	e.good(fmt.Sprintf("密钥 %s：%s，签名核验通过，%v", info.Ref, fingerprint(info.Public), took.Round(10*time.Microsecond)),
		fmt.Sprintf("key %s: %s, signature verified, %v", info.Ref, fingerprint(info.Public), took.Round(10*time.Microsecond)))
	return info.Ref
}
