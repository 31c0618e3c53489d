package timestamp

import (
	"encoding/asn1"
	"errors"
	"math"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidTSTInfo is the content type of a token (RFC 3161 2.4.2).
var oidTSTInfo = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

// Info is what an authority states: TSTInfo of RFC 3161 2.4.2.
type Info struct {
	Version    int // 1
	Policy     asn1.ObjectIdentifier
	Imprint    Imprint
	Serial     *big.Int
	Time       time.Time     // genTime, UTC
	Accuracy   time.Duration // the time may deviate by as much to either side; 0 where nothing is stated
	Ordering   bool          // tokens of this authority can be ordered by their times whatever the accuracy
	Nonce      *big.Int      // nil for none
	TSA        []byte        // GeneralName, DER; nil for none
	Extensions []Extension

	lax bool // the time is written as DER forbids
}

// ParseInfo reads a TSTInfo. The error is a *ParseError.
func ParseInfo(der []byte) (*Info, error) { return parseInfo(der, 0) }

func parseInfo(der []byte, base int64) (*Info, error) {
	outer := newReader(der, base)
	r, err := outer.enter(cbasn1.SEQUENCE, "TSTInfo")
	if err != nil {
		return nil, err
	}
	if err := outer.done("TSTInfo"); err != nil {
		return nil, err
	}
	i := new(Info)
	if i.Version, err = r.version("version"); err != nil {
		return nil, err
	}
	if i.Policy, err = r.oid("policy"); err != nil {
		return nil, err
	}
	if i.Imprint, err = r.imprint(); err != nil {
		return nil, err
	}
	if i.Serial, err = r.number("serialNumber"); err != nil {
		return nil, err
	}
	if i.Time, i.lax, err = r.genTime(); err != nil {
		return nil, err
	}
	if err := i.optional(&r); err != nil {
		return nil, err
	}
	return i, nil
}

// optional reads the fields after genTime.
func (i *Info) optional(r *reader) (err error) {
	if r.is(cbasn1.SEQUENCE) {
		if i.Accuracy, err = r.accuracy(); err != nil {
			return err
		}
	}
	if i.Ordering, err = r.boolean("ordering"); err != nil {
		return err
	}
	if r.is(cbasn1.INTEGER) {
		if i.Nonce, err = r.number("nonce"); err != nil {
			return err
		}
	}
	if r.is(constructed(0)) { // EXPLICIT, since GeneralName is a CHOICE
		name, err := r.enter(constructed(0), "tsa")
		if err != nil {
			return err
		}
		if i.TSA, err = name.element("tsa"); err != nil {
			return err
		}
		if err := name.done("tsa"); err != nil {
			return err
		}
	}
	if i.Extensions, err = r.extensions(constructed(1)); err != nil {
		return err
	}
	return r.done("the fields of TSTInfo")
}

// accuracy reads Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] (1..999) OPTIONAL, micros [1] (1..999) OPTIONAL }. A part of 0 is met.
func (r *reader) accuracy() (time.Duration, error) {
	at := r.at()
	in, err := r.enter(cbasn1.SEQUENCE, "accuracy")
	if err != nil {
		return 0, err
	}
	var total time.Duration
	for _, part := range []struct {
		tag  cbasn1.Tag
		most int64
		unit time.Duration
	}{{cbasn1.INTEGER, math.MaxInt64/int64(time.Second) - 1, time.Second}, {tagged(0), 999, time.Millisecond}, {tagged(1), 999, time.Microsecond}} {
		if !in.is(part.tag) {
			continue
		}
		var n int64
		if !in.in.ReadASN1Int64WithTag(&n, part.tag) || n < 0 || n > part.most {
			return 0, &ParseError{Offset: at, What: "accuracy is out of range"}
		}
		total += time.Duration(n) * part.unit
	}
	return total, in.done("accuracy")
}

const (
	wholeSeconds = "20060102150405"
	maxFraction  = 20 // digits; all beyond nanoseconds are dropped
)

// genTime reads GeneralizedTime as RFC 3161 has it: YYYYMMDDhhmmss[.s...]Z. lax is true where the fraction ends in a zero, which DER forbids.
func (r *reader) genTime() (t time.Time, lax bool, err error) {
	bad := r.fail("genTime is not YYYYMMDDhhmmss[.s]Z")
	in, err := r.enter(cbasn1.GeneralizedTime, "genTime")
	if err != nil {
		return t, false, err
	}
	s := string(in.in)
	if len(s) < len(wholeSeconds)+1 || s[len(s)-1] != 'Z' {
		return t, false, bad
	}
	if t, err = time.Parse(wholeSeconds, s[:len(wholeSeconds)]); err != nil {
		return time.Time{}, false, bad
	}
	fraction := s[len(wholeSeconds) : len(s)-1]
	if fraction == "" {
		return t, false, nil
	}
	if fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 1+maxFraction {
		return time.Time{}, false, bad
	}
	unit := time.Second
	for _, digit := range fraction[1:] {
		if digit < '0' || digit > '9' {
			return time.Time{}, false, bad
		}
		unit /= 10
		t = t.Add(time.Duration(digit-'0') * unit)
	}
	return t, fraction[len(fraction)-1] == '0', nil
}

// Marshal writes the TSTInfo as DER: the time to the nanosecond without zeros at its end, and a field with its default left out.
func (i *Info) Marshal() ([]byte, error) {
	if i.Serial == nil || i.Accuracy < 0 || i.Accuracy%time.Microsecond != 0 {
		return nil, errors.New("timestamp: a TSTInfo needs a serial number and an accuracy in whole microseconds")
	}
	if y := i.Time.UTC().Year(); y < 0 || y > 9999 {
		return nil, errors.New("timestamp: the year has more than four digits")
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(int64(i.Version))
		b.AddASN1ObjectIdentifier(i.Policy)
		addImprint(b, i.Imprint)
		b.AddASN1BigInt(i.Serial)
		b.AddASN1(cbasn1.GeneralizedTime, func(b *cryptobyte.Builder) {
			b.AddBytes([]byte(i.Time.UTC().Format(wholeSeconds + ".999999999Z")))
		})
		if i.Accuracy > 0 {
			addAccuracy(b, i.Accuracy)
		}
		if i.Ordering {
			b.AddASN1Boolean(true)
		}
		if i.Nonce != nil {
			b.AddASN1BigInt(i.Nonce)
		}
		if i.TSA != nil {
			b.AddASN1(constructed(0), func(b *cryptobyte.Builder) { b.AddBytes(i.TSA) })
		}
		addExtensions(b, constructed(1), i.Extensions)
	})
	return b.Bytes()
}

func addAccuracy(b *cryptobyte.Builder, a time.Duration) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if s := a / time.Second; s > 0 {
			b.AddASN1Int64(int64(s))
		}
		if ms := a % time.Second / time.Millisecond; ms > 0 {
			b.AddASN1Int64WithTag(int64(ms), tagged(0))
		}
		if us := a % time.Millisecond / time.Microsecond; us > 0 {
			b.AddASN1Int64WithTag(int64(us), tagged(1))
		}
	})
}
