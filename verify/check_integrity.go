package verify

import (
	"slices"
	"strconv"
	"strings"

	"yinxin/cms"
	"yinxin/document"
)

// format: the value is of a kind this version reads and its bytes are well-formed.
func (j *judging) format() {
	if j.Unsupported {
		j.find("PROFILE_UNSUPPORTED", ProfileText(j.Profile), detail(j.Profile))
	}
	if j.FormatErr != "" {
		j.find("SIG_FORMAT", detail(j.FormatErr))
	}
	if j.tolerated != "" {
		j.find("FILE_DEVIATES", detail(j.tolerated))
	}
}

// container: the rules of signed data that go beyond one signer's value. What the container asks, its profile says.
func (j *judging) container() {
	c := j.Value.Signed
	if c == nil || c.Signers == 0 {
		return
	}
	if c.Signers != 1 {
		j.find("SIG_SIGNERS", strconv.Itoa(c.Signers))
	}
	if c.Layout == "" {
		return // its signer could not be checked, and why is said elsewhere
	}
	ask := containers[j.Profile]
	if !slices.Contains(ask.layouts, cms.Layout(c.Layout)) {
		j.find("SIG_LAYOUT", detail(c.Layout))
	}
	switch {
	case c.Malformed != "":
		j.find("ATTRIBUTES_MALFORMED", detail(c.Malformed))
	case !c.Attributes:
		j.find(ask.noAttributes)
	}
	switch {
	case c.Binding == BindingWrong:
		j.find("SIGNING_CERTIFICATE", detail(c.BindingErr))
	case c.Binding != BindingHolds && c.Attributes:
		j.find(ask.unbound)
	}
	if len(c.Deviations) > 0 {
		j.find("SIG_ENCODING", detail(strings.Join(c.Deviations, ", ")))
	}
}

// container is what a profile asks of signed data.
type container struct {
	layouts      []cms.Layout // where the content may be
	noAttributes Code         // for a value without signed attributes
	unbound      Code         // for attributes that do not name the signer's certificate
}

// containers are the profiles whose values are signed data. PAdES asks most (EN 319 142-1). PKCS #7 in PDF is asked for attributes, because without
// them nothing says what the value was meant to sign. GB/T 35275 leaves them open and real products leave them out; the same ones enclose the digest.
var containers = map[string]container{
	profilePKCS7:     {[]cms.Layout{cms.Detached}, "ATTRIBUTES_ABSENT", "SIGNING_CERTIFICATE_ABSENT"},
	profileCAdES:     {[]cms.Layout{cms.Detached}, "ATTRIBUTES_MISSING", "SIGNING_CERTIFICATE_MISSING"},
	profilePKCS7SHA1: {[]cms.Layout{cms.Digested}, "ATTRIBUTES_ABSENT", "SIGNING_CERTIFICATE_ABSENT"},
	profileGBT35275:  {[]cms.Layout{cms.Detached, cms.Digested}, "ATTRIBUTES_OPTIONAL", "SIGNING_CERTIFICATE_ABSENT"},
	profileSM2:       {[]cms.Layout{cms.Detached}, "ATTRIBUTES_OPTIONAL", "SIGNING_CERTIFICATE_ABSENT"},

	document.TypeSign: {[]cms.Layout{cms.Detached, cms.Digested}, "ATTRIBUTES_OPTIONAL", "SIGNING_CERTIFICATE_ABSENT"},
}

// coverage: the signature protects all that it should. What it leaves out of files listed one by one is told by name, among the changes.
func (j *judging) coverage() {
	if f := j.Files; f != nil && j.FormatErr == "" {
		if f.Insecure != "" {
			j.find("FILE_DIGEST_INSECURE", detail(f.Insecure))
		} else {
			j.find("FILE_DIGEST_UNKNOWN", detail(f.Unknown))
		}
		return
	}
	if j.badCoverage() && j.FormatErr == "" && !slices.ContainsFunc(j.Changes, unprotected) { // of a malformed one nobody knows what it protects, and that is said
		j.find("COVERAGE", detail(j.CoverageWhy))
	}
}

// value: the digest of the file and the value over it.
func (j *judging) value() {
	if j.Unsupported || j.FormatErr != "" || isTimestamp(j.Profile) { // what a token is worth is judged as that of any other
		return
	}
	v := j.Value
	if (j.Signer == nil || j.Signer.Err != "") && v.Unknown == "" {
		var why string
		if j.Signer != nil {
			why = j.Signer.Err
		}
		j.find("NO_CERTIFICATE", detail(why))
	}
	switch {
	case v.DigestErr != "":
		j.find("DATA_UNREADABLE", detail(v.DigestErr))
	case v.Unknown != "":
		j.find("ALGORITHM_UNKNOWN", detail(v.Unknown))
	}
	hashed := v.Unknown == "" || v.Signed != nil && v.Signed.Layout != "" // a hash that is not known here was not computed
	if !v.DigestOK && v.DigestErr == "" && hashed {
		j.find("DATA_HASH")
	}
	switch {
	case v.ValueOK, v.Unknown != "":
	case v.Mismatch != "":
		j.find("SIG_ALGORITHM", detail(v.Mismatch))
	default:
		j.find("SIG_VALUE", detail(v.ValueErr))
	}
	if j.Seal == nil || v.PropertyOK {
		return
	}
	if v.OwnContainer {
		j.find("SIG_PROPERTY")
	} else {
		j.find("SIG_PROPERTY_FOREIGN", detail(v.Property))
	}
}

// seal: what the seal proves of itself, without trust.
func (j *judging) seal() {
	s := j.Seal
	if s == nil {
		if (j.Profile == profileSES || j.Profile == document.TypeSeal) && j.FormatErr == "" {
			j.find("SIG_FORMAT", detail("no seal"))
		}
		return
	}
	if s.Mixed {
		j.find("SIG_VERSION")
	}
	for _, p := range s.Problems {
		j.find("SEAL_FORMAT", detail(p))
	}
	if !s.MakerOK {
		j.find("SEAL_SIGNATURE", detail(s.MakerErr))
	}
	switch {
	case s.Maker == nil:
		j.find("MAKER_CERTIFICATE")
	case s.Maker.Err != "":
		j.find("MAKER_CERTIFICATE", detail(s.Maker.Err))
	}
	if len(s.Critical) > 0 {
		j.find("EXTENSION_CRITICAL", detail(strings.Join(s.Critical[:min(len(s.Critical), shownChanges)], ", ")))
	}
	switch {
	case s.ListErr != "":
		j.find("SIGNER_LIST", detail(s.ListErr))
	case !s.SignerListed:
		j.find("SIGNER_NOT_IN_SEAL")
	}
	if s.Stored == "differs" {
		j.find("SEAL_STORED")
	}
	switch claimed := j.Value.ClaimedTime; {
	case s.Created.After(s.End):
		end := Moment(s.End)
		j.find("SEAL_CREATE_TIME", Moment(s.Created), Text{"晚于印章的截止日期 " + end.ZH, "it is later than the seal's end, " + end.EN})
	case !claimed.IsZero() && s.Created.After(claimed):
		signed := Moment(claimed)
		j.find("SEAL_CREATE_TIME", Moment(s.Created), Text{"晚于声称的签署时间 " + signed.ZH, "it is later than the claimed signing time, " + signed.EN})
	}
}

// picture: what a reader sees must be the picture that the maker signed.
func (j *judging) picture() {
	if j.Seal == nil || j.Standing != document.Stands { // nothing is shown of what was taken away
		return
	}
	switch j.Seal.Shown {
	case ShownSame:
	case ShownInValue:
		if why := j.Seal.ShownWhy; why != "" {
			j.find("PICTURE_SCALED", detail(why))
		}
	case ShownSamePixels:
		j.find("PICTURE_ENCODING")
	case ShownNot:
		j.find("PICTURE_INVISIBLE")
	case ShownDiffers:
		j.find("PICTURE_DIFFERS", detail(j.Seal.ShownWhy))
	default:
		j.find("PICTURE_NOT_COMPARED", detail(j.Seal.ShownWhy))
	}
}

// usage: RFC 5280 key usage of signer and maker. A certificate without the extension may be used for anything.
func (j *judging) usage() {
	if c := j.Signer; c != nil && c.Err == "" && !c.DigitalSignature && !c.ContentCommitment && !isTimestamp(j.Profile) {
		j.find("SIGNER_KEY_USAGE")
	}
	if j.Seal == nil {
		return
	}
	if c := j.Seal.Maker; c != nil && c.Err == "" && !c.DigitalSignature && !c.ContentCommitment {
		j.find("MAKER_KEY_USAGE")
	}
}
