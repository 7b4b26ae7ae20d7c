// Command secretary is the service and its tools: `secretary help` lists them.
//
// It is the only place where adapters meet. wire.go puts the service together, config.go says from what, serve.go runs
// it; the other files are the commands that a person types.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // clinics have time zones, and a container may come without their data
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal finds nobody listening for it and ends the process at once.
	context.AfterFunc(ctx, stop)
	p := program{getenv: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(exitCode(p.run(ctx, os.Args[1:]), os.Stderr.WriteString))
}

// exitCode reports an error and returns how the process ends: 0 for success, 2 for a command line that is not one, 1 for
// everything else.
func exitCode(err error, report func(string) (int, error)) int {
	if err == nil {
		return 0
	}
	_, _ = report(fmt.Sprintf("secretary: %v\n", err))
	if _, ok := errors.AsType[*usageError](err); ok {
		return 2
	}
	return 1
}
