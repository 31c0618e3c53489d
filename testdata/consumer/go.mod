module example.org/consumer

go 1.26.0

require yinxin v0.0.0

require (
	github.com/emmansun/gmsm v0.44.0 // indirect
	github.com/pdfcpu/pdfcpu v0.15.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/image v0.44.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace yinxin => ../..
