package api

import (
	"errors"
	"runtime"
	"time"
)

// Limits bound what strangers can cost. A zero field means its default; less than 0 is refused, except where it says otherwise.
type Limits struct {
	Upload   int64 `yaml:"upload"`   // largest file, in bytes: 64 MiB
	Evidence int64 `yaml:"evidence"` // largest evidence beside a file, in bytes: 16 MiB

	Spool   int64 `yaml:"spool"`   // all uploads together, in bytes in memory and on disk: 2 GiB
	Memory  int64 `yaml:"memory"`  // of these in memory: 64 MiB; one of more than 1 MiB goes to disk
	Uploads int   `yaml:"uploads"` // requests with a file at once, waiting ones too: 256

	Judged      int           `yaml:"judged"`      // files judged at once: the processors
	JudgedBytes int64         `yaml:"judgedBytes"` // size of the files judged at once together: 128 MiB; a larger one is judged alone
	Queue       int           `yaml:"queue"`       // files waiting to be judged: 128
	QueueTime   time.Duration `yaml:"queueTime"`   // for which one waits at most: 10s

	Grace      time.Duration `yaml:"grace"`      // after which an upload must have come at MinRate: 10s
	MinRate    int64         `yaml:"minRate"`    // bytes a second: 8 KiB
	AnswerTime time.Duration `yaml:"answerTime"` // for a client to take its answer: 30s
	HeaderTime time.Duration `yaml:"headerTime"` // for a client to send the head of a request: 10s
	IdleTime   time.Duration `yaml:"idleTime"`   // for which a connection is kept without a request: 60s

	Requests          int `yaml:"requests"`          // of one client (an IPv4 address, an IPv6 /64) in a minute: 120; less than 0 is no limit
	Connections       int `yaml:"connections"`       // at once: 1024
	ClientConnections int `yaml:"clientConnections"` // of one client at once: 64; less than 0 is no limit
	Streams           int `yaml:"streams"`           // requests at once on one HTTP/2 connection: 32

	Shutdown time.Duration `yaml:"shutdown"` // for requests under way when the service is told to end: 30s
}

// printedReport is the largest printed report that is put into a page, in bytes.
const printedReport = 4 << 20

func or[T int | int64 | time.Duration](value *T, preset T) {
	if *value == 0 {
		*value = preset
	}
}

// Complete fills in the defaults. The error is a limit below 0.
func (l Limits) Complete() (Limits, error) {
	or(&l.Upload, 64<<20)
	or(&l.Evidence, 16<<20)
	or(&l.Spool, 2<<30)
	or(&l.Memory, 64<<20)
	or(&l.Uploads, 256)
	or(&l.Judged, runtime.GOMAXPROCS(0))
	or(&l.JudgedBytes, 128<<20)
	or(&l.Queue, 128)
	or(&l.QueueTime, 10*time.Second)
	or(&l.Grace, 10*time.Second)
	or(&l.MinRate, 8<<10)
	or(&l.AnswerTime, 30*time.Second)
	or(&l.HeaderTime, 10*time.Second)
	or(&l.IdleTime, time.Minute)
	or(&l.Requests, 120)
	or(&l.Connections, 1024)
	or(&l.ClientConnections, 64)
	or(&l.Streams, 32)
	or(&l.Shutdown, 30*time.Second)
	least := min(l.Upload, l.Evidence, l.Spool, l.Memory, int64(l.Uploads), int64(l.Judged), l.JudgedBytes, int64(l.Queue), int64(l.QueueTime), int64(l.Grace), l.MinRate, int64(l.AnswerTime),
		int64(l.HeaderTime), int64(l.IdleTime), int64(l.Connections), int64(l.Streams), int64(l.Shutdown))
	if least < 0 {
		return l, errors.New("api: a limit is less than 0")
	}
	return l, nil
}
