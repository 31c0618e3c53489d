package main

import (
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-runewidth"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work has come: on a terminal as a bar in one line, elsewhere (a log, a pipe) as a line for each step.
type progress struct {
	w    io.Writer
	bar  *progressbar.ProgressBar // nil where w is no terminal
	room int                      // columns for the name of a step
}

// Columns: the bar itself, what stands around it ("  16% |…| "), and the terminal assumed where it does not say.
const (
	barWidth     = 24
	barFrame     = 14
	usualColumns = 80
	mostColumns  = 44
)

func (a *app) progress() *progress {
	p := &progress{w: a.err}
	f, ok := a.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = usualColumns
	}
	p.room = min(max(width-barWidth-barFrame, 0), mostColumns)
	p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(a.err), progressbar.OptionSetWidth(barWidth), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetRenderBlankState(false))
	return p
}

// show says that step done of total begins. A bar that cannot be drawn must not stop the work.
func (p *progress) show(done, total int, name string) {
	if p.bar == nil {
		fmt.Fprintf(p.w, "[%*d/%d] %s\n", len(fmt.Sprint(total)), done, total, plain(name))
		return
	}
	if p.bar.GetMax() != total {
		p.bar.ChangeMax(total)
	}
	p.bar.Describe(runewidth.FillRight(runewidth.Truncate(plain(name), p.room, "…"), p.room))
	_ = p.bar.Set(done - 1)
}

// note prints a line that stays, above the bar.
func (p *progress) note(line string) {
	p.end()
	fmt.Fprintln(p.w, line)
}

// end takes the bar away, so that what is printed next begins on an empty line.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
