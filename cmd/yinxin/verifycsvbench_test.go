package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"yinxin/internal/testofd"
)

// What the table is measured with: so many OFD invoices, each sealed, in so many copies.
const (
	tableInvoices = 100
	tableCopies   = 50
)

// BenchmarkTable verifies 5,000 small sealed OFD invoices into one table. cpu-x-plain is the time on all cores beside that of verifying the same files one
// after the other with --json; peak-MB is the most memory that the command held.
func BenchmarkTable(b *testing.B) {
	x := newBench(b)
	x.run(2, "ca", "crl", "--dir", "ca", "--out", "root.crl")
	x.trust()
	var list bytes.Buffer
	list.WriteString("in,out\n")
	for i := range tableInvoices {
		name := fmt.Sprintf("%d.ofd", i)
		fmt.Fprintf(&list, "plain-%s,%s\n", name, name)
		if err := os.WriteFile(filepath.Join(x.dir, "plain-"+name), invoiceOFD(i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(x.dir, "list.csv"), list.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	x.run(2, "stamp", "--seal", "owner.esl", "--key", "owner", "--batch", "list.csv", "--at", "120,200")
	size := int64(0)
	for i := range tableInvoices {
		data, err := os.ReadFile(filepath.Join(x.dir, fmt.Sprintf("%d.ofd", i)))
		if err == nil {
			err = os.MkdirAll(filepath.Join(x.dir, "in", fmt.Sprint(i)), 0o700)
		}
		for k := range tableCopies {
			if err == nil {
				err = os.WriteFile(filepath.Join(x.dir, "in", fmt.Sprint(i), fmt.Sprintf("%d.ofd", k)), data, 0o600)
			}
		}
		if err != nil {
			b.Fatal(err)
		}
		size += int64(len(data)) * tableCopies
	}
	b.SetBytes(size)
	files, err := filepath.Glob(filepath.Join(x.dir, "in", "*", "*.ofd"))
	if err != nil || len(files) != tableInvoices*tableCopies {
		b.Fatalf("%d files, %v", len(files), err)
	}
	plain := x.judge(append([]string{"--json"}, files...)...)
	b.ResetTimer()
	for n := 0; b.Loop(); n++ {
		table := x.judge("--csv", fmt.Sprintf("%d.csv", n), "in")
		b.ReportMetric(cpu(table).Seconds()/cpu(plain).Seconds(), "cpu-x-plain")
		if u, ok := table.SysUsage().(*syscall.Rusage); ok {
			b.ReportMetric(float64(u.Maxrss)/(1<<10), "peak-MB") // kilobytes on Linux
		}
	}
	b.ReportMetric(float64(len(files))*float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

// judge runs yinxin verify, whatever the verdict.
func (x *bench) judge(args ...string) *os.ProcessState {
	x.Helper()
	c := exec.CommandContext(x.Context(), x.program, append([]string{"verify", "--trust", "trust"}, args...)...)
	c.Dir = x.dir
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Run(); c.ProcessState == nil || c.ProcessState.ExitCode() == exitUsage {
		x.Fatalf("yinxin verify: %v\n%s", err, &stderr)
	}
	return c.ProcessState
}

func cpu(p *os.ProcessState) time.Duration { return p.UserTime() + p.SystemTime() }

// trust makes the trust directory of the bench's authority.
func (x *bench) trust() {
	x.Helper()
	for from, to := range map[string]string{"maker.crt": "maker/maker.crt", "ca/root.crt": "ca/root.crt", "root.crl": "crl/root.crl"} {
		path := filepath.Join(x.dir, "trust", to)
		data, err := os.ReadFile(filepath.Join(x.dir, from))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o700)
		}
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			x.Fatal(err)
		}
	}
}

// invoiceOFD is an invented invoice as an OFD with its data attached.
func invoiceOFD(n int) []byte {
	data := fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?><eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019" Version="1.0">
<fp:InvoiceCode>099002600111</fp:InvoiceCode><fp:InvoiceNo>%08d</fp:InvoiceNo><fp:IssueDate>2026年02月03日</fp:IssueDate>
<fp:Buyer><fp:BuyerName>示例市数据局</fp:BuyerName><fp:BuyerTaxID>91990000MA0000023K</fp:BuyerTaxID></fp:Buyer>
<fp:Seller><fp:SellerName>云杉示例科技有限公司</fp:SellerName><fp:SellerTaxID>91990000MA0000015Q</fp:SellerTaxID></fp:Seller>
<fp:TaxInclusiveTotalAmount>106.00</fp:TaxInclusiveTotalAmount><fp:TaxTotalAmount>6.00</fp:TaxTotalAmount><fp:TaxExclusiveTotalAmount>100.00</fp:TaxExclusiveTotalAmount></eInvoice>`, n+1)
	return testofd.Pages(1).With("Doc_0/Attachs/data.xml", data).Build()
}
