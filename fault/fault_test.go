package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"yinxin/fault"
)

func TestError(t *testing.T) {
	inner := fault.New(fault.NotFound, "key-missing", "没有这把密钥", "there is no such key", io.EOF)
	err := fmt.Errorf("open the seal: %w", inner)
	if !errors.Is(err, fault.NotFound) || errors.Is(err, fault.Denied) || !errors.Is(err, io.EOF) || fault.KindOf(err) != fault.NotFound {
		t.Errorf("kind and cause are lost in %v", err)
	}
	p, ok := fault.PublicOf(err)
	if !ok || p.Code != "key-missing" || p.In("zh") != "没有这把密钥" || p.In("en") != "there is no such key" || p.In("fr") != p.EN {
		t.Errorf("public part %+v", p)
	}
	if fault.KindOf(io.EOF) != 0 {
		t.Error("an error without a kind has one")
	}
	if _, ok := fault.PublicOf(io.EOF); ok {
		t.Error("an error without a public part has one")
	}
	outer := fault.New(fault.Unavailable, "store", "库", "store", err)
	if fault.KindOf(outer) != fault.Unavailable {
		t.Error("the outermost kind does not count")
	}
}
