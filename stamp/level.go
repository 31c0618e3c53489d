package stamp

import (
	"yinxin/fault"
	"yinxin/timestamp"
	"yinxin/trust"
)

// Level says how long a signature can be judged, shaped after the levels of PAdES (EN 319 142-1), for every Profile alike.
type Level string

// The levels, each with what the one before has.
const (
	LevelB   Level = "b"   // the signature alone
	LevelT   Level = "t"   // a time stamp token over the signature value: the time is proven
	LevelLT  Level = "lt"  // the certificates of all chains and what says that they were not revoked, in the document
	LevelLTA Level = "lta" // a document time stamp over all that
)

// Levels lists the levels, lowest first.
func Levels() []Level { return []Level{LevelB, LevelT, LevelLT, LevelLTA} }

// evidence reports whether the level wants evidence in the document.
func (l Level) evidence() bool { return l == LevelLT || l == LevelLTA }

// settle fills in the level that is meant and refuses what it cannot be reached with.
func (l Level) settle(ts timestamp.Source, set *trust.Set) (Level, error) {
	switch l {
	case "":
		if ts == nil {
			return LevelB, nil
		}
		return LevelT, nil
	case LevelB:
		if ts != nil {
			return l, fault.New(fault.Invalid, "level-without-timestamp", "b 级不带时间戳：请改用 t 级，或不指定时间戳服务",
				"level b has no time stamp: ask for level t, or name no time stamping authority", nil)
		}
	case LevelT, LevelLT, LevelLTA:
		if ts == nil {
			return l, fault.New(fault.Invalid, "level-needs-timestamp", string(l)+" 级需要时间戳：请用 --tsa 指定时间戳服务", "level "+string(l)+" needs time stamps: name an authority with --tsa", nil)
		}
		if l.evidence() {
			return l, trusting(l, set)
		}
	default:
		return l, fault.New(fault.Invalid, "level", "没有级别“"+string(l)+"”：应为 b、t、lt 或 lta", "there is no level “"+string(l)+"”: it is b, t, lt or lta", nil)
	}
	return l, nil
}

// trusting refuses to look for evidence without anchors: nobody could say what of it counts.
func trusting(l Level, set *trust.Set) error {
	if set != nil && len(set.Anchors()) > 0 {
		return nil
	}
	return fault.New(fault.Invalid, "level-needs-trust", string(l)+" 级需要信任目录：请用 --trust 指定，其中要有签章人、制章者和时间戳服务的根证书",
		"level "+string(l)+" needs a trust directory: name one with --trust that holds anchors of signers, makers and time stamping authorities", nil)
}
