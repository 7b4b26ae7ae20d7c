package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// environment is a getenv over a map.
func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func load(t *testing.T, vars map[string]string, args ...string) (Config, error) {
	t.Helper()
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return loadConfig(fs, args, environment(vars))
}

func TestWithoutAnySettingTheDefaultsApply(t *testing.T) {
	t.Parallel()
	got, err := load(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{Addr: "127.0.0.1:8080", Store: "memory", Cache: "memory", LogFormat: "text", Debounce: 2 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestEverySettingIsReadFromItsVariable(t *testing.T) {
	t.Parallel()
	got, err := load(t, map[string]string{
		"SECRETARY_ADDR": "localhost:0", "SECRETARY_STORE": "postgres", "DATABASE_URL": "postgres://u:p@db.example/secretary",
		"DATABASE_REPLICA_URL": "host=copy.example user=u password=p dbname=secretary", "SECRETARY_MIGRATE": "true", "SECRETARY_CACHE": "off", "REDIS_URL": "rediss://u:p@redis.example:6379/1",
		"SECRETARY_EVENT_RETENTION": "400d", "SECRETARY_USAGE_IDLE": "90m", "SECRETARY_DEMO": "true",
		"SECRETARY_SIGNING_KEY": strings.Repeat("k", 32), "SECRETARY_ADMIN_EMAIL": "Ana@Clinica.Example",
		"SECRETARY_ADMIN_PASSWORD": "correct horse", "SECRETARY_PLATFORM_INSTRUCTIONS": `{ "prompt": "Olá" }`,
		"EVOLUTION_URL": "https://evo.example", "EVOLUTION_API_KEY": "key", "EVOLUTION_WEBHOOK_TOKEN": "0123456789abcdef", "SECRETARY_DEBOUNCE": "1500ms",
		"SECRETARY_ENCRYPTION_KEY": strings.Repeat("ab", 32), "GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": "s3cret",
		"GOOGLE_CALENDAR_ENDPOINT": "http://127.0.0.1:1",
		"LIVEKIT_URL":              "ws://livekit:7880", "LIVEKIT_PUBLIC_URL": "wss://livekit.example", "LIVEKIT_API_KEY": "lk", "LIVEKIT_API_SECRET": "s3cret",
		"SECRETARY_PUBLIC_URL": "https://secretary.example/", "SECRETARY_AGENT_NAME": " assistant ", "SECRETARY_AGENT_DEADLINE": "30s",
		"OPENAI_BASE_URL": "https://llm.example/v1", "OPENAI_API_KEY": "sk", "OPENAI_MODEL": " llama-3 ",
		"SECRETARY_TRUST_PROXY": "1", "SECRETARY_LOG_LEVEL": "debug", "SECRETARY_LOG_FORMAT": "json",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Addr: "localhost:0", Store: "postgres", DatabaseURL: "postgres://u:p@db.example/secretary",
		DatabaseReplicaURL: "host=copy.example user=u password=p dbname=secretary", Migrate: true,
		Cache: "off", RedisURL: "rediss://u:p@redis.example:6379/1", EventRetention: 400 * 24 * time.Hour,
		UsageIdle: 90 * time.Minute, Demo: true, SigningKey: secret(strings.Repeat("k", 32)),
		AdminEmail: "ana@clinica.example", AdminPassword: "correct horse", PlatformInstructions: `{"prompt":"Olá"}`,
		EvolutionURL: "https://evo.example", EvolutionAPIKey: "key", EvolutionWebhookToken: "0123456789abcdef", Debounce: 1500 * time.Millisecond,
		LiveKitURL: "ws://livekit:7880", LiveKitPublicURL: "wss://livekit.example", LiveKitAPIKey: "lk", LiveKitAPISecret: "s3cret",
		PublicURL: "https://secretary.example", AgentName: "assistant", AgentDeadline: 30 * time.Second,
		EncryptionKey: secret(strings.Repeat("ab", 32)), GoogleClientID: "client", GoogleClientSecret: "s3cret", GoogleEndpoint: "http://127.0.0.1:1",
		OpenAIBaseURL: "https://llm.example/v1", OpenAIAPIKey: "sk", OpenAIModel: "llama-3",
		TrustProxy: true, LogLevel: slog.LevelDebug, LogFormat: "json",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestAFlagWinsOverItsVariable(t *testing.T) {
	t.Parallel()
	got, err := load(t, map[string]string{"SECRETARY_ADDR": "127.0.0.1:1", "SECRETARY_DEMO": "false"}, "-addr", "127.0.0.1:2", "-demo")
	if err != nil {
		t.Fatal(err)
	}
	if got.Addr != "127.0.0.1:2" || !got.Demo {
		t.Errorf("addr = %q, demo = %v, want those of the flags", got.Addr, got.Demo)
	}
}

func TestEveryProblemIsReportedAtOnceAndNoValue(t *testing.T) {
	t.Parallel()
	vars := map[string]string{
		"SECRETARY_ADDR": "s3cret-addr", "SECRETARY_STORE": "s3cret-store", "DATABASE_URL": "postgres://u:s3cret@db:s3cret/x",
		"DATABASE_REPLICA_URL": "postgres://u:s3cret@db/x?sslmode=s3cret", "SECRETARY_MIGRATE": "s3cret-bool", "SECRETARY_CACHE": "s3cret-cache", "REDIS_URL": "http://:s3cret@redis", "SECRETARY_EVENT_RETENTION": "s3cret-days",
		"SECRETARY_USAGE_IDLE": "s3cret-time", "SECRETARY_DEMO": "s3cret-bool", "SECRETARY_SIGNING_KEY": "s3cret-key", "SECRETARY_ADMIN_EMAIL": "s3cret-mail",
		"SECRETARY_ADMIN_PASSWORD": "s3cret", "SECRETARY_PLATFORM_INSTRUCTIONS": "s3cret-json", "EVOLUTION_URL": "ftp://s3cret",
		"EVOLUTION_WEBHOOK_TOKEN": "s3cret-token", "SECRETARY_TRUST_PROXY": "s3cret-bool", "SECRETARY_LOG_LEVEL": "s3cret-level",
		"SECRETARY_LOG_FORMAT": "s3cret-format", "SECRETARY_EVENT_SCHEMAS": "s3cret/schemas.json",
		"LIVEKIT_URL": "ftp://s3cret", "LIVEKIT_PUBLIC_URL": "s3cret", "SECRETARY_PUBLIC_URL": "s3cret", "SECRETARY_AGENT_DEADLINE": "s3cret",
		"SECRETARY_AGENT_NAME": strings.Repeat("s3cret", 20), "SECRETARY_ENCRYPTION_KEY": "s3cret", "GOOGLE_CALENDAR_ENDPOINT": "ftp://s3cret",
		"OPENAI_BASE_URL": "s3cret", "OPENAI_MODEL": strings.Repeat("s3cret", 40),
	}
	_, err := load(t, vars)
	problems, ok := errors.AsType[*configError](err)
	if !ok {
		t.Fatalf("error = %v, want a configError", err)
	}
	// EVOLUTION_API_KEY is missing beside its URL, and LIVEKIT_API_KEY and LIVEKIT_API_SECRET are.
	for name := range vars {
		if !strings.Contains(err.Error(), "\n  "+name+": ") {
			t.Errorf("%s is not reported:\n%v", name, err)
		}
	}
	if !strings.Contains(err.Error(), "EVOLUTION_API_KEY: must be set together with EVOLUTION_URL") {
		t.Errorf("the missing EVOLUTION_API_KEY is not reported:\n%v", err)
	}
	if got, want := len(problems.problems), len(vars)+3; got != want {
		t.Errorf("%d problems, want %d:\n%v", got, want, err)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error repeats a value:\n%v", err)
	}
}

func TestEventSchemasAreReadAtTheStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "schemas.json")
	write := func(document string) {
		if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"transcript":{"required":["text"]}}`)
	got, err := load(t, map[string]string{"SECRETARY_EVENT_SCHEMAS": path})
	if err != nil {
		t.Fatal(err)
	}
	if got.EventSchemas.Check("transcript", "{}") == nil || got.EventSchemas.Check("joined", "{}") != nil {
		t.Error("the schemas are not those of the file")
	}
	write(`{"transcript":{"type":"texto"}}`)
	_, err = load(t, map[string]string{"SECRETARY_EVENT_SCHEMAS": path})
	if want := `SECRETARY_EVENT_SCHEMAS: event "transcript": `; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that begins with %s", err, want)
	}
}

func TestTheDemoNeedsALoopbackAddress(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"127.0.0.1:8080": true, "127.8.8.8:0": true, "[::1]:8080": true, "localhost:8080": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.0.2.7:8080": false, "localhost.example:8080": false,
	} {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, map[string]string{"SECRETARY_DEMO": "true", "SECRETARY_ADDR": addr})
			if got := err == nil; got != want {
				t.Errorf("accepted = %v, want %v: %v", got, want, err)
			}
			if err != nil && !strings.Contains(err.Error(), "SECRETARY_DEMO: needs a loopback address") {
				t.Errorf("error = %v, want the reason", err)
			}
		})
	}
}

func TestOneOfAPairIsNotEnough(t *testing.T) {
	t.Parallel()
	for given, missing := range map[string]string{
		"SECRETARY_ADMIN_EMAIL": "SECRETARY_ADMIN_PASSWORD", "SECRETARY_ADMIN_PASSWORD": "SECRETARY_ADMIN_EMAIL",
		"EVOLUTION_URL": "EVOLUTION_API_KEY", "EVOLUTION_API_KEY": "EVOLUTION_URL",
		"GOOGLE_CLIENT_ID": "GOOGLE_CLIENT_SECRET", "GOOGLE_CLIENT_SECRET": "GOOGLE_CLIENT_ID",
		"OPENAI_BASE_URL": "OPENAI_MODEL", "OPENAI_MODEL": "OPENAI_BASE_URL",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			value := map[string]string{"SECRETARY_ADMIN_EMAIL": "a@b.example", "EVOLUTION_URL": "https://evo.example", "OPENAI_BASE_URL": "https://llm.example/v1"}[given]
			if value == "" {
				value = "correct horse"
			}
			_, err := load(t, map[string]string{given: value})
			if err == nil || !strings.Contains(err.Error(), missing+": must be set together with "+given) {
				t.Errorf("error = %v, want that %s is missing", err, missing)
			}
		})
	}
}

func TestLiveKitNeedsAllOfItsThree(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"LIVEKIT_API_SECRET": "s3cret"})
	for _, want := range []string{
		"LIVEKIT_URL: must be set together with LIVEKIT_API_SECRET", "LIVEKIT_API_KEY: must be set together with LIVEKIT_API_SECRET",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want that %s", err, want)
		}
	}
	if _, err := load(t, map[string]string{"LIVEKIT_PUBLIC_URL": "wss://livekit.example"}); err == nil || !strings.Contains(err.Error(), "LIVEKIT_PUBLIC_URL: needs LIVEKIT_URL") {
		t.Errorf("error = %v, want that LIVEKIT_URL is missing", err)
	}
}

func TestTheStoreIsTheOneThatIsConfigured(t *testing.T) {
	t.Parallel()
	const database = "postgres://u:p@db.example/secretary"
	for name, c := range map[string]struct {
		vars    map[string]string
		store   string
		problem string
	}{
		"Nothing":            {nil, "memory", ""},
		"AURL":               {map[string]string{"DATABASE_URL": database}, "postgres", ""},
		"MemoryBesideAURL":   {map[string]string{"DATABASE_URL": database, "SECRETARY_STORE": "memory"}, "memory", ""},
		"PostgresAlone":      {map[string]string{"SECRETARY_STORE": "postgres"}, "", "DATABASE_URL: must be set"},
		"AReplicaOfMemory":   {map[string]string{"DATABASE_REPLICA_URL": database}, "", "DATABASE_REPLICA_URL: needs the postgres store"},
		"MigrationsOfMemory": {map[string]string{"SECRETARY_MIGRATE": "true"}, "", "SECRETARY_MIGRATE: needs the postgres store"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := load(t, c.vars)
			if c.problem == "" && (err != nil || got.Store != c.store) {
				t.Errorf("store = %q, error %v, want %s", got.Store, err, c.store)
			}
			if c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("error = %v, want %q", err, c.problem)
			}
		})
	}
}

func TestTheRetentionOfEventsIsANumberOfDays(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"1d": 24 * time.Hour, "36500d": 36500 * 24 * time.Hour,
		"0d": 0, "-1d": 0, "1": 0, "d": 0, "1h": 0, "1.5d": 0, "36501d": 0, "99999999999999999999d": 0,
	} {
		got, err := load(t, map[string]string{"SECRETARY_EVENT_RETENTION": value})
		if got.EventRetention != want || (err == nil) != (want > 0) {
			t.Errorf("%s: retention = %v, error %v, want %v", value, got.EventRetention, err, want)
		}
	}
}

func TestASessionIsIdleForAMinuteAtLeast(t *testing.T) {
	t.Parallel()
	for value, ok := range map[string]bool{"1m": true, "6h": true, "59s": false, "0": false, "-1h": false, "6": false, "1d": false} {
		if got, err := load(t, map[string]string{"SECRETARY_USAGE_IDLE": value}); (err == nil) != ok || ok && got.UsageIdle < time.Minute {
			t.Errorf("%s: idle = %v, error %v, want it taken: %v", value, got.UsageIdle, err, ok)
		}
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	c := Config{DatabaseURL: "hunter2", DatabaseReplicaURL: "hunter2", RedisURL: "hunter2", SigningKey: "hunter2", AdminPassword: "hunter2", EvolutionAPIKey: "hunter2", EvolutionWebhookToken: "hunter2"}
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).InfoContext(t.Context(), "config", "config", c, "key", c.SigningKey)
	slog.New(slog.NewJSONHandler(&log, nil)).InfoContext(t.Context(), "config", "config", c, "key", c.SigningKey)
	for how, printed := range map[string]string{
		"%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c), "%#v": fmt.Sprintf("%#v", c), "%s": c.SigningKey.String(),
		"%q": fmt.Sprintf("%q", c.SigningKey), "%x": fmt.Sprintf("%x", c.SigningKey), "json": string(encoded), "slog": log.String(),
	} {
		if strings.Contains(printed, "hunter2") || strings.Contains(printed, "68756e74657232") {
			t.Errorf("%s shows a secret: %s", how, printed)
		}
	}
}

func TestGoogleNeedsAKeyForItsTokens(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": "s3cret"}
	if _, err := load(t, vars); err == nil || !strings.Contains(err.Error(), "GOOGLE_CLIENT_ID: needs SECRETARY_ENCRYPTION_KEY") {
		t.Errorf("without a key: got error %v", err)
	}
	vars["SECRETARY_ENCRYPTION_KEY"] = strings.Repeat("ab", 32) + "," + strings.Repeat("cd", 31)
	if _, err := load(t, vars); err == nil || !strings.Contains(err.Error(), "SECRETARY_ENCRYPTION_KEY: key 2 has 31 bytes, want 32") {
		t.Errorf("with a short key: got error %v", err)
	}
	if _, err := load(t, map[string]string{"GOOGLE_CALENDAR_ENDPOINT": "http://127.0.0.1:1"}); err == nil || !strings.Contains(err.Error(), "needs GOOGLE_CLIENT_ID") {
		t.Errorf("with an endpoint alone: got error %v", err)
	}
}

func TestAModelMayDoWithoutAKeyAndAKeyNotWithoutAModel(t *testing.T) {
	t.Parallel()
	if _, err := load(t, map[string]string{"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", "OPENAI_MODEL": "llama-3"}); err != nil {
		t.Error(err)
	}
	_, err := load(t, map[string]string{"OPENAI_API_KEY": "s3cret"})
	if err == nil || !strings.Contains(err.Error(), "OPENAI_API_KEY: needs OPENAI_BASE_URL") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error = %v", err)
	}
}
