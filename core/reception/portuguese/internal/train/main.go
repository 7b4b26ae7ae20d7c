// Command train makes the classifier of package portuguese from its examples. The same examples give the same file, on
// any machine.
//
//	go run ./core/reception/portuguese/internal/train -o learned.bin
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/examples"
)

func main() {
	target := flag.String("o", "learned.bin", "file for the weights")
	flag.Parse()
	if err := run(*target); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(target string) error {
	all, err := examples.All()
	if err != nil {
		return err
	}
	return os.WriteFile(target, classify.Train(examples.Prepared(all)).Encode(), 0o644) //nolint:gosec // a file of the repository
}
