package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// runCommand runs a command to its end.
func runCommand(t *testing.T, env map[string]string, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, logs output
	p := program{getenv: environment(env), stdin: strings.NewReader(stdin), stdout: &out, stderr: &logs}
	err = p.run(t.Context(), args)
	return out.String(), logs.String(), err
}

func TestTheDemoComesOutAsExpected(t *testing.T) {
	t.Parallel()
	out, logs, err := runCommand(t, nil, "", "demo")
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, logs)
	}
	if !strings.Contains(out, "Everything came out as expected.") || strings.Contains(out, "\x1b") {
		t.Errorf("the output does not end well, or has colours though it is no terminal's:\n%s", out)
	}
}

func TestTheDemoPlaysAgainAgainstARunningServer(t *testing.T) {
	t.Parallel()
	s := startServe(t, demoEnv())
	_, users := s.banner(t)
	env := map[string]string{"SECRETARY_ADMIN_EMAIL": users["manager"].email, "SECRETARY_ADMIN_PASSWORD": users["manager"].password.reveal()}
	if out, _, err := runCommand(t, env, "", "demo", "-url", s.url); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if got := len(s.appointments(t)); got != 7 {
		t.Errorf("%d appointments on the server, want the 7 of the demo", got)
	}
}

func TestASceneThatComesOutOtherwiseIsNoted(t *testing.T) {
	t.Parallel()
	s := startServe(t, demoEnv())
	c, clinic := s.login(t)
	d := &player{printer: printer{w: &output{}}, client: c, clinic: clinic}
	_, err := d.scene(t.Context(), scene{
		title: "wrong", books: []string{"Dr. João Silva"},
		lines: []line{{text: "Preciso de um cardiologista", state: "booked", says: []string{"Dr. Nobody"}}},
	}, []string{"+5511955550011"})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.wrong) != 3 {
		t.Errorf("noted %q, want the state, the missing words and the missing visit", d.wrong)
	}
}

func TestChatAnswersLineByLine(t *testing.T) {
	t.Parallel()
	out, _, err := runCommand(t, nil, "Quero fazer botox\n\nsim\n/sair\nAna Souza\n", "chat")
	if err != nil {
		t.Fatal(err)
	}
	botox, who := strings.Index(out, "R$ 1.200,00"), strings.Index(out, "Nome completo")
	if botox < 0 || who < botox || strings.Contains(out, "choosing_slot") {
		t.Errorf("the replies are not those to the lines before /sair:\n%s", out)
	}
}

func TestChatEndsWithItsInput(t *testing.T) {
	t.Parallel()
	out, _, err := runCommand(t, nil, "Quero consulta com Dr. Santos", "chat", "-phone", "+5511955550022")
	if err != nil || !strings.Contains(out, "Dr. Pedro Santos") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestALineThatIsRefusedDoesNotEndTheChat(t *testing.T) {
	t.Parallel()
	out, _, err := runCommand(t, nil, strings.Repeat("x", 5000)+"\nQuero fazer botox\n", "chat")
	if err != nil || !strings.Contains(out, "R$ 1.200,00") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestUserCreateSaysThatMemoryForgets(t *testing.T) {
	t.Parallel()
	_, _, err := runCommand(t, nil, "correct horse battery\n", "user", "create", "-email", "root@clinic.example", "-phone", "+5511955550001")
	if err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("error = %v, want that the memory store forgets", err)
	}
}

func TestUserCreateReportsEveryProblemAndNotThePassword(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SECRETARY_USER_PASSWORD": "hunter2", "DATABASE_URL": pgtest.URL(t)}
	_, _, err := runCommand(t, env, "", "user", "create", "-email", "nobody", "-phone", "12", "-role", "ENTITY_ADMIN")
	if err == nil {
		t.Fatal("no error")
	}
	for _, field := range []string{"email", "phone_number", "entity_id", "password"} {
		if !strings.Contains(err.Error(), "\n  "+field+": ") {
			t.Errorf("%s is not reported: %v", field, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error has the password: %v", err)
	}
}

func TestOpenAPIPrintsTheDocument(t *testing.T) {
	t.Parallel()
	out, _, err := runCommand(t, nil, "", "openapi")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		OpenAPI string
		Paths   map[string]any
	}
	if err := json.Unmarshal([]byte(out), &document); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1") || document.Paths["/v1/rooms"] == nil {
		t.Errorf("openapi = %q with %d paths, want 3.1 with /v1/rooms", document.OpenAPI, len(document.Paths))
	}
	if out, _, err = runCommand(t, nil, "", "openapi", "-yaml"); err != nil || !strings.Contains(out, "openapi: 3.1") {
		t.Errorf("-yaml: %v, %d bytes, want YAML", err, len(out))
	}
}

func TestHelpListsTheCommands(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"help"}, {"-h"}, {"--help"}} {
		out, _, err := runCommand(t, nil, "", args...)
		if err != nil || !strings.Contains(out, "openapi") || !strings.Contains(out, "serve") {
			t.Errorf("%q: %v, %s", args, err, out)
		}
	}
}

func TestTheHelpOfServeShowsNoSecretOfTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "demo", "chat"} {
		_, usage, err := runCommand(t, map[string]string{"SECRETARY_ADMIN_EMAIL": "root@clinic.example", "SECRETARY_ADMIN_PASSWORD": "hunter2hunter2"}, "", command, "-h")
		if err != nil || !strings.Contains(usage, "password") || strings.Contains(usage, "hunter2") {
			t.Errorf("%s -h: %v, %s", command, err, usage)
		}
	}
}

func TestAWrongCommandLineEndsWithStatus2(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"unknown command": {"sevre"}, "unknown flag": {"serve", "-adr", "x"}, "argument": {"serve", "now"}, "user": {"user"},
		"url without credentials": {"demo", "-url", "http://127.0.0.1:9"}, "credentials without url": {"chat", "-email", "a@b.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, err := programCommand(t, nil, args...).CombinedOutput()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.ExitCode() != 2 || !strings.Contains(string(said), "secretary: ") {
				t.Errorf("ended with %v, want status 2 and the reason\n%s", err, said)
			}
		})
	}
}

func TestAConfigurationThatCannotBeUsedEndsWithStatus1(t *testing.T) {
	t.Parallel()
	said, err := programCommand(t, []string{"DATABASE_URL=postgres://u:hunter2@db:port/x", "SECRETARY_ADDR=nowhere"}, "serve").CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 1 {
		t.Errorf("ended with %v, want status 1", err)
	}
	if !strings.Contains(string(said), "DATABASE_URL: ") || !strings.Contains(string(said), "SECRETARY_ADDR: ") || strings.Contains(string(said), "hunter2") {
		t.Errorf("said %s, want both problems and no secret", said)
	}
}

func TestTheVersionIsPrinted(t *testing.T) {
	t.Parallel()
	if out, _, err := runCommand(t, nil, "", "version"); err != nil || strings.TrimSpace(out) == "" {
		t.Errorf("%q, %v", out, err)
	}
}
