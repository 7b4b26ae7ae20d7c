package livekittest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Of the process in which an agent joins and crashes.
const (
	agentURL   = "SECRETARY_TEST_LIVEKIT_AGENT_URL"
	agentToken = "SECRETARY_TEST_LIVEKIT_AGENT_TOKEN"
	joined     = "joined"
)

// ActAsAgent is what makes [CrashesAfterJoin] possible: the test program starts itself once more, to be killed. It is called
// first in TestMain, before any test. In that other process it joins a room, and does not return.
func ActAsAgent() {
	url := os.Getenv(agentURL)
	if url == "" {
		return
	}
	quiet()
	if _, err := enter(url, os.Getenv(agentToken)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(joined)
	time.Sleep(10 * time.Minute) // one who started it and died would leave it behind otherwise
	os.Exit(1)
}

// joinAndCrash has a process join a room, and kills it when it has, and everybody knows.
func joinAndCrash(url, token string, known func() bool) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	process := exec.Command(program, "-test.run=^$") //nolint:noctx // this program, which is killed below
	process.Env = append(os.Environ(), agentURL+"="+url, agentToken+"="+token)
	out, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	for deadline := time.Now().Add(patience); line == joined+"\n" && !known() && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	err = errors.Join(err, process.Process.Kill())
	_ = process.Wait() // it was killed
	if line != joined+"\n" {
		return fmt.Errorf("the process said %q; does TestMain call livekittest.ActAsAgent first? %w", line, err)
	}
	return err
}
