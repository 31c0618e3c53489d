package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/seal"
)

func (a *app) sealCommand() *cobra.Command {
	c := group("seal", "印章 / electronic seals: make, renew, show, check, draw")
	c.AddCommand(a.sealMake(), a.sealRenew(), a.sealShow(), a.sealCheck(), a.sealDraw())
	return c
}

// makerOptions are what making and renewing a seal have in common: who makes it, for whom, for how long.
type makerOptions struct {
	keyOptions
	periodOptions
	outOptions
	signers             []string
	makerKey, makerCert string
	maker               string
	digests             bool
	version             int
	signerCerts         []*gm.Certificate
	makerCertificate    *gm.Certificate
	start, end          time.Time
}

func (o *makerOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&o.signers, "signer", nil, "签章人证书 / `FILE` of a certificate that may use the seal; repeat for several")
	f.StringVar(&o.makerKey, "maker-key", "", "制章者密钥 / `REF` of the maker's key")
	f.StringVar(&o.makerCert, "maker-cert", "", "制章者证书 / `FILE` of the maker's certificate")
	o.periodOptions.flags(f)
	o.outOptions.flags(f, "输出 / `FILE` to write (.esl)")
	o.keyOptions.flags(f)
	for _, name := range []string{"signer", "maker-key", "maker-cert", "out"} {
		must(c.MarkFlagRequired(name))
	}
}

// read reads the certificates and works out the period.
func (o *makerOptions) read(now time.Time) (err error) {
	if o.start, o.end, err = o.period(now); err != nil {
		return err
	}
	if o.makerCertificate, err = readCertificate(o.makerCert); err != nil {
		return err
	}
	for _, path := range o.signers {
		c, err := readCertificate(path)
		if err != nil {
			return err
		}
		o.signerCerts = append(o.signerCerts, c)
	}
	return nil
}

// periodOptions say from when until when a seal is valid.
type periodOptions struct {
	from, to string
	days     int
}

func (o *periodOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.from, "valid-from", "", "生效 / first `DAY` of validity, from 00:00 China time, or a time such as 2026-03-02T08:00:00Z (default: now)")
	f.StringVar(&o.to, "valid-to", "", "截止 / last `DAY` of validity, through 23:59:59 China time, or a time (default: as long as the certificates of signers and maker)")
	f.IntVar(&o.days, "days", 0, "有效天数 / `DAYS` of validity from its start, instead of --valid-to")
}

// period is zero where the options leave it open.
func (o *periodOptions) period(now time.Time) (start, end time.Time, err error) {
	switch {
	case o.days < 0:
		return start, end, notNegative("--days")
	case o.days > 0 && o.to != "":
		return start, end, usage("--days 与 --valid-to 只能给出一个", "--days and --valid-to both say when the seal ends: give one of them")
	}
	if o.from != "" {
		if start, err = dayOrTime("--valid-from", o.from, false); err != nil {
			return start, end, err
		}
	}
	if o.to != "" {
		if end, err = dayOrTime("--valid-to", o.to, true); err != nil {
			return start, end, err
		}
	}
	if o.days > 0 {
		first := start
		if first.IsZero() {
			first = now
		}
		end = first.AddDate(0, 0, o.days)
	}
	return start, end, nil
}

// chinaTime is China standard time, in which the days of a seal's period are meant and its times are shown.
func chinaTime() *time.Location { return time.FixedZone("", 8*60*60) }

// dayOrTime reads an option that is a day in China, of which it takes the first second or, with last, the last one, or a time with its zone.
func dayOrTime(option, s string, last bool) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, chinaTime()); err == nil {
		if last {
			t = t.AddDate(0, 0, 1).Add(-time.Second)
		}
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, usage("选项 "+option+" 的值“"+s+"”不对，写作 2026-03-02（北京时间的一天）或 2026-03-02T08:00:00+08:00",
			"the option "+option+" cannot be “"+s+"”: write 2026-03-02 (a day in China) or 2026-03-02T08:00:00+08:00")
	}
	return t, nil
}

// inChina writes a time of a seal for people.
func inChina(t time.Time) string { return t.In(chinaTime()).Format("2006-01-02 15:04:05 -07:00") }

// made says what was made and until when it is valid.
func (a *app) made(path string, esl []byte, zh, en string) error {
	s, err := seal.Parse(esl)
	if err != nil {
		return err
	}
	p := s.Info.Property
	fmt.Fprintf(a.out, a.say("%s：%s  %s  有效期 %s 至 %s\n", "%s: %s  %s  from %s until %s\n"), a.say(zh, en), plain(path), plain(p.Name), inChina(p.Start), inChina(p.End))
	return nil
}

// warn prints what is unwise but was done.
func (a *app) warn(list []fault.Public) {
	for _, w := range list {
		fmt.Fprintln(a.err, "yinxin: ！ "+plain(w.In(a.lang)))
	}
}
