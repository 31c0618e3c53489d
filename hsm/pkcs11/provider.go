//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"yinxin/fault"
	"yinxin/hsm"
)

// Provider serves the keys of several tokens. A key is asked for by the name the configuration gives it, by an RFC 7512 URI, or by its label alone; it
// has to be one key on all tokens that may be meant.
type Provider struct {
	conf   Config
	opts   Options
	served []served

	mu      sync.Mutex
	modules map[string]*module
	closed  bool
}

// served is one token, whatever its keys are: token for SM2, second for RSA and P-256.
type served interface {
	open(ctx context.Context, w want) (hsm.Key, error)
	make(ctx context.Context, w want, s hsm.Spec) (hsm.Key, error)
	destroy(ctx context.Context, w want) error
	list(ctx context.Context) ([]hsm.Info, error)
	inspect(ctx context.Context, w want) (KeyInfo, error)
	upkeep
}

type upkeep interface {
	ready(ctx context.Context) error
	state() (s State, opened bool)
	close()
}

var (
	_ hsm.Provider  = (*Provider)(nil)
	_ hsm.Lister    = (*Provider)(nil)
	_ hsm.Destroyer = (*Provider)(nil)
	_ Inspector     = (*Provider)(nil)
	_ served        = (*token)(nil)
	_ served        = (*second)(nil)
)

// Open checks the configuration. Libraries are loaded and tokens opened when a key of theirs is first asked for.
func Open(c Config, o Options) (*Provider, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	p := &Provider{conf: c, opts: o.complete(), modules: map[string]*module{}}
	for _, t := range c.Tokens {
		if t.Serves == ServesRSAECDSA {
			p.served = append(p.served, newSecond(t, p.opts))
			continue
		}
		at := newToken(t, p.opts, func(ctx context.Context) (*module, error) { return p.module(ctx, t.Module) })
		at.alone = func() bool { return p.alone(at) }
		p.served = append(p.served, at)
	}
	return p, nil
}

// module loads a library, or returns the one loaded before.
func (p *Provider) module(ctx context.Context, path string) (*module, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	file := realPath(path)
	if p.closed {
		return nil, &failure{class: Closed, about: path}
	}
	if m := p.modules[file]; m != nil {
		return m, nil
	}
	m, err := loadModule(ctx, file, p.opts)
	if err == nil {
		p.modules[file] = m
	}
	return m, err
}

// alone reports whether no other token that is up shares t's library.
func (p *Provider) alone(t *token) bool {
	for _, s := range p.served {
		other, ok := s.(*token)
		if !ok || other == t || realPath(other.conf.Module) != realPath(t.conf.Module) {
			continue
		}
		other.mu.Lock()
		up := other.up
		other.mu.Unlock()
		if up {
			return false
		}
	}
	return true
}

// target is a key asked for and the tokens it may be on.
type target struct {
	want   want
	tokens []int
}

// resolve reads a reference.
func (p *Provider) resolve(ref hsm.Ref) (target, error) {
	for i, t := range p.conf.Tokens {
		for _, k := range t.Keys {
			if k.Name != string(ref) {
				continue
			}
			u, err := ParseURI(k.URI)
			return target{want{label: u.Object, id: u.ID, public: k.Public, imported: k.Imported}, []int{i}}, err
		}
	}
	u := URI{}
	if name, err := ref.Soft(); err == nil && name == string(ref) {
		u.Object = name
	} else if u, err = ParseURI(string(ref)); err != nil {
		return target{}, err
	}
	if u.Object == "" && len(u.ID) == 0 {
		return target{}, badURI(string(ref), "没有写明密钥的 object 或 id", "it names neither the key's object nor its id")
	}
	at := target{want: want{label: u.Object, id: u.ID}}
	for i, t := range p.conf.Tokens {
		if (u.Token == "" || t.Token.Label == "" || u.Token == t.Token.Label) && (u.Serial == "" || t.Token.Serial == "" || u.Serial == t.Token.Serial) {
			at.tokens = append(at.tokens, i)
		}
	}
	if len(at.tokens) == 0 {
		return target{}, fault.New(fault.NotFound, "hsm-token", "配置中没有引用 "+string(ref)+" 所指的令牌", "no token of the configuration is the one that "+string(ref)+" names", nil)
	}
	return at, nil
}

// one runs f on each token a key may be on, and wants exactly one to have it.
func one[T any](p *Provider, ref hsm.Ref, f func(s served, w want) (T, error)) (T, error) {
	var zero, got T
	at, err := p.resolve(ref)
	if err != nil {
		return zero, err
	}
	var missing error
	hits := 0
	for _, i := range at.tokens {
		v, err := f(p.served[i], at.want)
		switch {
		case err == nil:
			got = v
			hits++
		case classOfAny(err) == KeyMissing:
			missing = err
		default:
			return zero, err
		}
	}
	if hits == 0 {
		return zero, missing
	}
	if hits > 1 {
		return zero, &failure{class: KeyTwice, about: string(ref), detail: fmt.Sprintf("on %d tokens", hits)}
	}
	return got, nil
}

func classOfAny(err error) Class {
	var f *failure
	if errors.As(err, &f) {
		return f.class
	}
	return classOf(err, nil)
}

// Key opens a key, which has signed a random message before it is returned.
func (p *Provider) Key(ctx context.Context, ref hsm.Ref) (hsm.Key, error) {
	return one(p, ref, func(s served, w want) (hsm.Key, error) { return s.open(ctx, w) })
}

// Inspect finds a key, has it sign, and says what it is.
func (p *Provider) Inspect(ctx context.Context, ref hsm.Ref) (KeyInfo, error) {
	return one(p, ref, func(s served, w want) (KeyInfo, error) { return s.inspect(ctx, w) })
}

// Generate makes a key on the one token that serves its kind; where several do, the reference names one (token=…).
func (p *Provider) Generate(ctx context.Context, ref hsm.Ref, s hsm.Spec) (hsm.Key, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	at, err := p.resolve(ref)
	if err != nil {
		return nil, err
	}
	if at.want.label == "" {
		return nil, badURI(string(ref), "新密钥要有标签（object）", "a new key needs a label (object)")
	}
	serves := ServesRSAECDSA
	if s.Algorithm == hsm.SM2 {
		serves = ServesSM2
	}
	at.tokens = slices.DeleteFunc(at.tokens, func(i int) bool { return p.conf.Tokens[i].Serves != serves })
	if len(at.tokens) != 1 {
		return nil, fault.New(fault.Invalid, "hsm-token", fmt.Sprintf("能存放 %s 密钥的令牌有 %d 个：在引用中用 token= 指明一个", s, len(at.tokens)),
			fmt.Sprintf("%d tokens of the configuration hold %s keys: name one in the reference with token=", len(at.tokens), s), nil)
	}
	return p.served[at.tokens[0]].make(ctx, at.want, s)
}

// Destroy removes a key for good. It is looked for on all tokens first.
func (p *Provider) Destroy(ctx context.Context, ref hsm.Ref) error {
	s, err := one(p, ref, func(s served, w want) (served, error) {
		_, err := s.open(ctx, w)
		if c := classOfAny(err); c == KeyChanged || c == KeyAttributes || c == WrongAnswer {
			err = nil // it is there, and may all the more be destroyed
		}
		return s, err
	})
	if err != nil {
		return err
	}
	at, err := p.resolve(ref)
	if err != nil {
		return err
	}
	return s.destroy(ctx, at.want)
}

// List describes the keys of all tokens.
func (p *Provider) List(ctx context.Context) ([]hsm.Info, error) {
	var all []hsm.Info
	for _, s := range p.served {
		some, err := s.list(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Ready reports whether the keys opened so far, and every token, can sign now.
func (p *Provider) Ready(ctx context.Context) error {
	var errs []error
	for _, s := range p.served {
		errs = append(errs, s.ready(ctx))
	}
	return errors.Join(errs...)
}

// States says how the tokens are that were opened so far. It asks no token.
func (p *Provider) States() (all []State) {
	for _, s := range p.served {
		if at, opened := s.state(); opened {
			all = append(all, at)
		}
	}
	return all
}

// Close ends all sessions and unloads what was loaded; keys stop signing. crypto11's tokens, whose libraries are their own, are closed last.
func (p *Provider) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for _, first := range []bool{true, false} {
		for _, s := range p.served {
			if _, sm2 := s.(*token); sm2 == first {
				s.close()
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.modules {
		m.close()
	}
	p.modules = nil
	return nil
}

func (t *token) open(ctx context.Context, w want) (hsm.Key, error) {
	k, _, err := t.key(ctx, w)
	if err != nil {
		return nil, t.explain(err)
	}
	return k, nil
}

func (t *token) make(ctx context.Context, w want, _ hsm.Spec) (hsm.Key, error) {
	k, err := t.generate(ctx, w)
	if err != nil {
		return nil, t.explain(err)
	}
	return k, nil
}
