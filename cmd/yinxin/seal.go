package main

import "github.com/spf13/cobra"

func (a *app) sealCommand() *cobra.Command {
	c := group("seal", "印章 / electronic seals: make, show, draw")
	c.AddCommand(a.sealMake(), a.sealShow(), a.sealDraw())
	return c
}
