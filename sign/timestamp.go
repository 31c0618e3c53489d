package sign

import (
	"context"
	"encoding/asn1"
	"errors"
	"fmt"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/timestamp"
)

// ProfileTimestamp is the SubFilter of a PDF document time stamp (ISO 32000-2, 12.8.5).
const ProfileTimestamp = "ETSI.RFC3161"

// stampOver asks ts for a token over the octets of a signature value; without a source there is none. own is the signature's hash, with which the
// imprint is made unless the source takes another.
func stampOver(ctx context.Context, ts timestamp.Source, own asn1.ObjectIdentifier, value []byte) ([]byte, error) {
	if ts == nil {
		return nil, nil
	}
	imprint, err := timestamp.Over(ts.Hash(own), value)
	if err != nil {
		return nil, err
	}
	token, err := ts.Token(ctx, imprint)
	if err != nil {
		return nil, fmt.Errorf("time stamp: %w", err)
	}
	if most := ts.MaxTokenBytes(); len(token) > most {
		return nil, tooLong(len(token), most)
	}
	return token, nil
}

// checkToken says what a token proves: that the octets stamped existed at its time. One that is no token, or is not intact and over them, is
// fault.Unavailable: its authority did not do what it was asked for. Whether the authority is trusted is not asked.
func checkToken(token []byte, stamped cms.DigestFunc) (timestamp.Facts, error) {
	t, err := timestamp.Parse(token)
	if err != nil {
		return timestamp.Facts{}, wrongToken(err)
	}
	f, err := t.Check(stamped)
	if err != nil {
		return f, fmt.Errorf("hash what is stamped: %w", err)
	}
	return f, whole(f)
}

// whole refuses a token of which something does not hold.
func whole(f timestamp.Facts) error {
	switch {
	case !f.Intact():
		return wrongToken(f.Err())
	case len(f.Insecure) > 0:
		return wrongToken(fmt.Errorf("it is made with %v", f.Insecure))
	}
	return nil
}

func wrongToken(cause error) error {
	return fault.New(fault.Unavailable, "timestamp-wrong", "时间戳服务给出的时间戳不正确，已弃用，未产生文件；请换用其他时间戳服务",
		"the time stamping authority gave a wrong time stamp, which was discarded; no file was made: use another authority", cause)
}

// Timestamp adds a document time stamp to doc: a token of ts over all of it and what is added. own is the hash unless ts takes another. s has taken the
// document's bytes already where behind is true, else they are written first. When it fails, what was written to s is worthless and must not leave.
func Timestamp(ctx context.Context, doc document.Document, ts timestamp.Source, own asn1.ObjectIdentifier, s document.Sink, behind bool) (timestamp.Facts, error) {
	reserve := ts.MaxTokenBytes()
	draft, err := doc.Prepare(document.Request{Kind: document.Timestamp, Profile: ProfileTimestamp, Filter: FilterCMS, Reserve: reserve})
	if err != nil {
		return timestamp.Facts{}, err
	}
	oid := ts.Hash(own)
	write := draft.Copy
	if behind {
		appender, ok := draft.(document.Appender)
		if !ok {
			return timestamp.Facts{}, errors.New("sign: the format cannot add a time stamp behind a document")
		}
		write = appender.Append
	}
	digest, err := write(s, only(oid))
	if err != nil {
		return timestamp.Facts{}, fmt.Errorf("copy the document: %w", err)
	}
	imprint := timestamp.Imprint{Hash: oid, Digest: digest}
	token, err := ts.Token(ctx, imprint)
	if err != nil {
		return timestamp.Facts{}, fmt.Errorf("document time stamp: %w", err)
	}
	if len(token) > reserve {
		return timestamp.Facts{}, tooLong(len(token), reserve)
	}
	t, err := timestamp.Parse(token)
	if err != nil {
		return timestamp.Facts{}, wrongToken(err)
	}
	f := t.CheckImprint(imprint)
	if err := whole(f); err != nil {
		return f, err
	}
	if err := draft.Finish(s, token); err != nil {
		return f, fmt.Errorf("write the document time stamp: %w", err)
	}
	return f, nil
}

// tooLong says that a value outgrew the room that was kept for it.
func tooLong(has, reserved int) error {
	return fault.New(fault.Limit, "value-too-long",
		fmt.Sprintf("签名值或时间戳为 %d 字节，超过预留的 %d 字节；未产生文件，请检查时间戳服务的令牌长度后重新签章", has, reserved),
		fmt.Sprintf("the signature value or time stamp has %d bytes, %d were reserved; no file was made: check the time stamp service's token size and stamp again", has, reserved), nil)
}
