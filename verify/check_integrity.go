package verify

import (
	"strings"
)

// format: the value is of a kind this version reads and its bytes are well-formed.
func (j *judging) format() {
	if j.Unsupported {
		j.find("PROFILE_UNSUPPORTED", j.Profile)
	}
	if j.FormatErr != "" {
		j.find("SIG_FORMAT", j.FormatErr)
	}
	for _, s := range j.Value.Strict {
		j.find("SIG_STRICT", s)
	}
}

func (j *judging) coverage() {
	if j.badCoverage() {
		j.find("COVERAGE", j.CoverageWhy)
	}
}

// value: the digest of the file and the value over it.
func (j *judging) value() {
	if j.Unsupported || j.FormatErr != "" {
		return
	}
	v := j.Value
	if j.Signer == nil || j.Signer.Err != "" {
		why := "-"
		if j.Signer != nil {
			why = j.Signer.Err
		}
		j.find("NO_CERTIFICATE", why)
	}
	switch {
	case v.DigestErr != "":
		j.find("DATA_UNREADABLE", v.DigestErr)
	case !v.DigestOK:
		j.find("DATA_HASH")
	}
	if !v.ValueOK {
		j.find("SIG_VALUE", v.ValueErr)
	}
	if j.Seal == nil || v.PropertyOK {
		return
	}
	if v.OwnContainer {
		j.find("SIG_PROPERTY")
	} else {
		j.find("SIG_PROPERTY_FOREIGN", v.Property)
	}
}

// seal: what the seal proves of itself, without trust.
func (j *judging) seal() {
	s := j.Seal
	if s == nil {
		if j.Profile == profileSES && j.FormatErr == "" {
			j.find("SIG_FORMAT", "no seal")
		}
		return
	}
	if s.Mixed {
		j.find("SIG_VERSION")
	}
	for _, p := range s.Problems {
		j.find("SEAL_FORMAT", p)
	}
	if !s.MakerOK {
		j.find("SEAL_SIGNATURE", s.MakerErr)
	}
	switch {
	case s.Maker == nil:
		j.find("MAKER_CERTIFICATE", "-")
	case s.Maker.Err != "":
		j.find("MAKER_CERTIFICATE", s.Maker.Err)
	}
	if len(s.Critical) > 0 {
		j.find("EXTENSION_CRITICAL", strings.Join(s.Critical[:min(len(s.Critical), shownChanges)], ", "))
	}
	switch {
	case s.ListErr != "":
		j.find("SIGNER_LIST", s.ListErr)
	case !s.SignerListed:
		j.find("SIGNER_NOT_IN_SEAL")
	}
	if s.Stored == "differs" {
		j.find("SEAL_STORED")
	}
	switch claimed := j.Value.ClaimedTime; {
	case s.Created.After(s.End):
		j.find("SEAL_CREATE_TIME", day(s.Created), "createDate > validEnd "+day(s.End))
	case !claimed.IsZero() && s.Created.After(claimed):
		j.find("SEAL_CREATE_TIME", day(s.Created), "createDate > timeInfo "+day(claimed))
	}
}

// picture: what a reader sees must be the picture that the maker signed.
func (j *judging) picture() {
	if j.Seal == nil {
		return
	}
	switch j.Seal.Shown {
	case ShownSame, ShownInValue:
	case ShownSamePixels:
		j.find("PICTURE_ENCODING")
	case ShownNot:
		j.find("PICTURE_INVISIBLE")
	case ShownDiffers:
		j.find("PICTURE_DIFFERS", j.Seal.ShownWhy)
	default:
		j.find("PICTURE_NOT_COMPARED", j.Seal.ShownWhy)
	}
}

// usage: RFC 5280 key usage of signer and maker. A certificate without the extension may be used for anything.
func (j *judging) usage() {
	if c := j.Signer; c != nil && c.Err == "" && !c.DigitalSignature && !c.ContentCommitment {
		j.find("SIGNER_KEY_USAGE")
	}
	if j.Seal == nil {
		return
	}
	if c := j.Seal.Maker; c != nil && c.Err == "" && !c.DigitalSignature && !c.ContentCommitment {
		j.find("MAKER_KEY_USAGE")
	}
}

func (j *judging) timestamps() {
	if j.Value.Timestamps > 0 {
		j.find("SIG_TIMESTAMP")
	}
	if j.Seal != nil && j.Seal.Timestamped {
		j.find("SEAL_TIMESTAMP")
	}
}
