package main

import (
	"errors"
	"flag"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/jsonschema"
	"github.com/secretary-api/secretary/adapters/livekit"
	"github.com/secretary-api/secretary/adapters/redis"
	"github.com/secretary-api/secretary/adapters/sealing"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/ports"
)

const (
	storeMemory   = "memory"
	storePostgres = "postgres"

	cacheOff    = "off"
	cacheMemory = "memory"
	cacheRedis  = "redis"

	defaultAddr     = "127.0.0.1:8080"
	minSigningKey   = 32 // bytes
	minWebhookToken = 16 // characters
	maxModelName    = 200

	defaultDebounce = 2 * time.Second
	maxDebounce     = 5 * time.Second

	maxRetentionDays = 36500
)

// Config is everything that the service can be told from outside. The zero value of a field is "not given".
type Config struct {
	Addr                  string
	Store                 string // "memory" or "postgres"
	DatabaseURL           secret // it may hold a password
	DatabaseReplicaURL    secret
	Migrate               bool
	Cache                 string        // "off", "memory" or "redis"
	RedisURL              secret        // it may hold a password
	EventRetention        time.Duration // 0: events are kept for ever
	UsageIdle             time.Duration // 0: the default of [service.HousekeepingOptions]
	Demo                  bool
	SigningKey            secret
	AdminEmail            string // lower case
	AdminPassword         secret
	PlatformInstructions  jsonobj.Object
	EventSchemas          ports.EventSchemas // nil: events may hold anything
	PublicURL             string             // "": the address that is listened on
	LiveKitURL            string             // "": not configured
	LiveKitPublicURL      string             // "": the same
	LiveKitAPIKey         string
	LiveKitAPISecret      secret
	AgentName             string        // "": the default of [service.MediaOptions]
	AgentDeadline         time.Duration // 0: the default of [service.MediaOptions]
	EvolutionURL          string
	EvolutionAPIKey       secret
	EvolutionWebhookToken secret
	Debounce              time.Duration // how long a contact must be silent to be answered on WhatsApp
	EncryptionKey         secret        // one or more keys, see [sealing.ParseKeys]; "": nothing can be sealed
	GoogleClientID        string        // "": not configured
	GoogleClientSecret    secret
	GoogleEndpoint        string // "": Google's own
	OpenAIBaseURL         string // "": messages are understood without a model
	OpenAIAPIKey          secret // "": the server wants none
	OpenAIModel           string
	TrustProxy            bool
	MaxStreams            int // 0: the default
	LogLevel              slog.Level
	LogFormat             string // "text" or "json"
}

// secret is a text that is never printed, whatever prints it.
type secret string

const redacted = "[redacted]"

// String implements fmt.Stringer.
func (s secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString implements fmt.GoStringer, for %#v.
func (s secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText implements encoding.TextMarshaler, for JSON and slog.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil } //nolint:unparam // the interface asks for an error

// LogValue implements slog.LogValuer.
func (s secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// reveal is the secret itself, for who needs it.
func (s secret) reveal() string { return string(s) }

// setting is one thing that can be configured, as a variable and as a flag of the same name.
type setting struct {
	name  string // of the variable
	usage string
	truth bool // a bool, whose flag needs no value
	set   func(c *Config, value string) error
}

// flagName is "admin-email" for SECRETARY_ADMIN_EMAIL and "evolution-url" for EVOLUTION_URL.
func (s setting) flagName() string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(s.name, "SECRETARY_")), "_", "-")
}

// settings is the one table of the configuration. An error says what a value must be and never repeats the value.
func settings() []setting {
	return []setting{
		{name: "SECRETARY_ADDR", usage: "`host:port` to listen on, " + defaultAddr + " unless given; port 0 is any free one", set: setAddr},
		{name: "SECRETARY_STORE", usage: "where records are kept: memory or postgres; postgres when DATABASE_URL is given", set: func(c *Config, v string) error {
			c.Store = v
			return require(v == storeMemory || v == storePostgres, "must be memory or postgres")
		}},
		{name: "DATABASE_URL", usage: "`URL` of the PostgreSQL database, 15 or newer", set: func(c *Config, v string) error {
			c.DatabaseURL = secret(v)
			return checkDatabaseURL(v)
		}},
		{name: "DATABASE_REPLICA_URL", usage: "`URL` of a read-only copy of the database, for lists and reports", set: func(c *Config, v string) error {
			c.DatabaseReplicaURL = secret(v)
			return checkDatabaseURL(v)
		}},
		{name: "SECRETARY_MIGRATE", truth: true, usage: "bring the database up to date at start", set: func(c *Config, v string) error {
			return setBool(&c.Migrate, v)
		}},
		{name: "SECRETARY_CACHE", usage: "where copies of users, keys, entities and departments are kept: off, memory or redis; redis when REDIS_URL is given, memory otherwise", set: func(c *Config, v string) error {
			c.Cache = v
			return require(v == cacheOff || v == cacheMemory || v == cacheRedis, "must be off, memory or redis")
		}},
		{name: "REDIS_URL", usage: "`URL` of the Redis server, 6 or newer, that keeps copies for all processes and carries notices between them", set: func(c *Config, v string) error {
			c.RedisURL = secret(v)
			return plain(redis.CheckURL(v))
		}},
		{name: "SECRETARY_EVENT_RETENTION", usage: "how many `days` room events and agents' events are kept, such as 400d; whole months are removed; for ever unless given", set: setEventRetention},
		{name: "SECRETARY_USAGE_IDLE", usage: "`duration` for which nothing is heard of an agent's session until it is ended as abandoned, such as 90m; 6h unless given", set: func(c *Config, v string) error {
			return setDuration(&c.UsageIdle, v, time.Minute, "must be a duration of at least a minute, such as 90m or 6h")
		}},
		{name: "SECRETARY_DEMO", truth: true, usage: "start with a demo clinic; on a loopback address only", set: func(c *Config, v string) error {
			return setBool(&c.Demo, v)
		}},
		{name: "SECRETARY_SIGNING_KEY", usage: "`key` that signs access tokens, at least 32 bytes; made at start unless given", set: func(c *Config, v string) error {
			c.SigningKey = secret(v)
			return require(len(v) >= minSigningKey, "must be at least 32 bytes")
		}},
		{name: "SECRETARY_ADMIN_EMAIL", usage: "`address` of the first manager, made when the store has no user", set: func(c *Config, v string) error {
			var check errs.Check
			c.AdminEmail = valid.Email(&check, "address", v)
			return plain(check.Err())
		}},
		{name: "SECRETARY_ADMIN_PASSWORD", usage: "`password` of the first manager", set: func(c *Config, v string) error {
			c.AdminPassword = secret(v)
			return plain(identity.CheckPassword(v))
		}},
		{name: "SECRETARY_PLATFORM_INSTRUCTIONS", usage: "instructions of rooms without an entity, as a `JSON` object", set: func(c *Config, v string) error {
			var err error
			c.PlatformInstructions, err = jsonobj.Parse([]byte(v))
			return plain(err)
		}},
		{name: "SECRETARY_EVENT_SCHEMAS", usage: "`file` with JSON Schemas for the data of events, by the events' names", set: func(c *Config, v string) error {
			schemas, err := jsonschema.Load(v)
			if err != nil {
				return err
			}
			c.EventSchemas = schemas
			return nil
		}},
		{name: "SECRETARY_PUBLIC_URL", usage: "`URL` at which others, such as AI agents, reach this service; the address that is listened on unless given", set: func(c *Config, v string) error {
			c.PublicURL = strings.TrimSuffix(v, "/")
			return checkHTTPURL(v)
		}},
		{name: "LIVEKIT_URL", usage: "`URL` of the LiveKit server on which rooms take place", set: func(c *Config, v string) error {
			c.LiveKitURL = v
			return plain(livekit.CheckURL(v))
		}},
		{name: "LIVEKIT_PUBLIC_URL", usage: "`URL` of the same LiveKit server for those who join rooms; LIVEKIT_URL unless given", set: func(c *Config, v string) error {
			c.LiveKitPublicURL = v
			return plain(livekit.CheckURL(v))
		}},
		{name: "LIVEKIT_API_KEY", usage: "`key` of the LiveKit server, which also signs its webhooks", set: func(c *Config, v string) error {
			c.LiveKitAPIKey = v
			return nil
		}},
		{name: "LIVEKIT_API_SECRET", usage: "`secret` of that key", set: func(c *Config, v string) error {
			c.LiveKitAPISecret = secret(v)
			return nil
		}},
		{name: "SECRETARY_AGENT_NAME", usage: "`name` under which AI agents register with LiveKit, secretary unless given", set: func(c *Config, v string) error {
			var check errs.Check
			c.AgentName = valid.Text(&check, "name", v, 100)
			return plain(check.Err())
		}},
		{name: "SECRETARY_AGENT_DEADLINE", usage: "`duration` in which a dispatched AI agent has to join, such as 30s; 20s unless given", set: func(c *Config, v string) error {
			return setDuration(&c.AgentDeadline, v, time.Second, "must be a duration of at least a second, such as 30s")
		}},
		{name: "EVOLUTION_URL", usage: "`URL` of the Evolution API server that sends WhatsApp messages", set: func(c *Config, v string) error {
			c.EvolutionURL = v
			return checkHTTPURL(v)
		}},
		{name: "EVOLUTION_API_KEY", usage: "`key` of the Evolution API server", set: func(c *Config, v string) error {
			c.EvolutionAPIKey = secret(v)
			return nil
		}},
		{name: "EVOLUTION_WEBHOOK_TOKEN", usage: "`token` that Evolution's webhooks carry, at least 16 characters", set: func(c *Config, v string) error {
			c.EvolutionWebhookToken = secret(v)
			return require(len(v) >= minWebhookToken, "must be at least 16 characters")
		}},
		{name: "SECRETARY_DEBOUNCE", usage: "`duration` for which somebody must have written nothing on WhatsApp to be answered, 5s at most; 2s unless given, 0 answers each message by itself", set: func(c *Config, v string) error {
			const otherwise = "must be a duration from 0s to 5s, such as 2s"
			if err := setDuration(&c.Debounce, v, 0, otherwise); err != nil {
				return err
			}
			return require(c.Debounce <= maxDebounce, otherwise)
		}},
		{name: "SECRETARY_ENCRYPTION_KEY", usage: "`key` that encrypts the tokens of calendar accounts, 32 bytes as base64 or hexadecimal digits; older keys after it, separated by commas, only decrypt", set: func(c *Config, v string) error {
			c.EncryptionKey = secret(v)
			_, err := sealing.ParseKeys(v)
			return err
		}},
		{name: "GOOGLE_CLIENT_ID", usage: "`id` of the OAuth client with which clinics connect their Google calendars", set: func(c *Config, v string) error {
			c.GoogleClientID = v
			return nil
		}},
		{name: "GOOGLE_CLIENT_SECRET", usage: "`secret` of that client", set: func(c *Config, v string) error {
			c.GoogleClientSecret = secret(v)
			return nil
		}},
		{name: "GOOGLE_CALENDAR_ENDPOINT", usage: "`URL` of another server that speaks as Google Calendar does, for tests", set: func(c *Config, v string) error {
			if err := googlecalendar.CheckEndpoint(v); err != nil {
				return plain(err)
			}
			c.GoogleEndpoint = v
			return nil
		}},
		{name: "OPENAI_BASE_URL", usage: "`URL` of an OpenAI-compatible API, such as https://api.openai.com/v1, whose model helps to understand patients", set: func(c *Config, v string) error {
			c.OpenAIBaseURL = v
			return checkHTTPURL(v)
		}},
		{name: "OPENAI_API_KEY", usage: "`key` of that API; none for a server that wants none", set: func(c *Config, v string) error {
			c.OpenAIAPIKey = secret(v)
			return nil
		}},
		{name: "OPENAI_MODEL", usage: "`name` of the model, such as gpt-4.1-mini", set: func(c *Config, v string) error {
			var check errs.Check
			c.OpenAIModel = valid.Text(&check, "name", v, maxModelName)
			return plain(check.Err())
		}},
		{name: "SECRETARY_TRUST_PROXY", truth: true, usage: "take a client's address from X-Forwarded-For; behind a proxy that writes it only", set: func(c *Config, v string) error {
			return setBool(&c.TrustProxy, v)
		}},
		{name: "SECRETARY_MAX_STREAMS", usage: "how many event streams are open at once at most, 5000 unless given", set: func(c *Config, v string) error {
			n, err := strconv.ParseUint(v, 10, 31)
			c.MaxStreams = int(n)
			return require(err == nil && n > 0, "must be a number from 1")
		}},
		{name: "SECRETARY_LOG_LEVEL", usage: "debug, info, warn or error", set: func(c *Config, v string) error {
			return require(c.LogLevel.UnmarshalText([]byte(v)) == nil, "must be debug, info, warn or error")
		}},
		{name: "SECRETARY_LOG_FORMAT", usage: "text or json", set: func(c *Config, v string) error {
			c.LogFormat = v
			return require(v == "text" || v == "json", "must be text or json")
		}},
	}
}

// configError is everything that is wrong with a configuration.
type configError struct{ problems []string }

func (e *configError) Error() string {
	return "the configuration cannot be used:\n  " + strings.Join(e.problems, "\n  ")
}

// loadConfig reads the flags of a command and the environment; a flag wins over its variable. The error is a
// *usageError or a *configError with every problem.
func loadConfig(fs *flag.FlagSet, args []string, getenv func(string) string) (Config, error) {
	given := map[string]string{}
	for _, s := range settings() {
		given[s.name] = getenv(s.name)
		keep := func(v string) error {
			given[s.name] = v
			return nil
		}
		usage := s.usage + " (" + s.name + ")"
		if s.truth {
			fs.BoolFunc(s.flagName(), usage, keep)
		} else {
			fs.Func(s.flagName(), usage, keep)
		}
	}
	if err := parse(fs, args); err != nil {
		return Config{}, err
	}
	return newConfig(given)
}

// newConfig validates the values, by the names of their variables; "" is not given.
func newConfig(given map[string]string) (Config, error) {
	c := Config{Addr: defaultAddr, LogFormat: "text", Debounce: defaultDebounce}
	var problems []string
	for _, s := range settings() {
		if given[s.name] == "" {
			continue
		}
		if err := s.set(&c, given[s.name]); err != nil {
			problems = append(problems, s.name+": "+err.Error())
		}
	}
	together := func(names ...string) {
		set := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return given[name] == "" })
		for _, name := range names {
			if len(set) > 0 && given[name] == "" {
				problems = append(problems, name+": must be set together with "+strings.Join(set, " and "))
			}
		}
	}
	together("SECRETARY_ADMIN_EMAIL", "SECRETARY_ADMIN_PASSWORD")
	together("EVOLUTION_URL", "EVOLUTION_API_KEY")
	together("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
	together("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET")
	if given["GOOGLE_CLIENT_ID"] != "" && given["SECRETARY_ENCRYPTION_KEY"] == "" {
		problems = append(problems, "GOOGLE_CLIENT_ID: needs SECRETARY_ENCRYPTION_KEY, which encrypts the tokens of the accounts; make one with: openssl rand -base64 32")
	}
	if c.GoogleEndpoint != "" && c.GoogleClientID == "" {
		problems = append(problems, "GOOGLE_CALENDAR_ENDPOINT: needs GOOGLE_CLIENT_ID")
	}
	together("OPENAI_BASE_URL", "OPENAI_MODEL")
	if c.OpenAIAPIKey != "" && c.OpenAIBaseURL == "" {
		problems = append(problems, "OPENAI_API_KEY: needs OPENAI_BASE_URL and OPENAI_MODEL")
	}
	if c.LiveKitPublicURL != "" && c.LiveKitURL == "" {
		problems = append(problems, "LIVEKIT_PUBLIC_URL: needs LIVEKIT_URL")
	}
	if c.Store == "" {
		c.Store = storeMemory
		if c.DatabaseURL != "" {
			c.Store = storePostgres
		}
	}
	if c.Store == storePostgres && c.DatabaseURL == "" {
		problems = append(problems, "DATABASE_URL: must be set when SECRETARY_STORE is postgres")
	}
	if c.Cache == "" {
		c.Cache = cacheMemory
		if c.RedisURL != "" {
			c.Cache = cacheRedis
		}
	}
	if c.Cache == cacheRedis && c.RedisURL == "" {
		problems = append(problems, "REDIS_URL: must be set when SECRETARY_CACHE is redis")
	}
	if c.Store == storeMemory {
		for _, name := range []string{"DATABASE_REPLICA_URL", "SECRETARY_MIGRATE"} {
			if given[name] != "" {
				problems = append(problems, name+": needs the postgres store")
			}
		}
	}
	if c.Demo && !onLoopback(c.Addr) {
		problems = append(problems, "SECRETARY_DEMO: needs a loopback address such as "+defaultAddr+
			": its data are made up, its credentials are printed and its webhook may be open")
	}
	if len(problems) > 0 {
		return Config{}, &configError{problems}
	}
	return c, nil
}

func setAddr(c *Config, v string) error {
	c.Addr = v
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return errors.New("must be host:port, such as " + defaultAddr)
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return require(err == nil, "must end with a port from 0 to 65535")
}

// onLoopback reports whether an address is sure to be reached from this machine only. A name may resolve to anything, but
// for localhost; what that resolved to is checked again when it is listened on.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return true // the address has a problem of its own
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// checkDatabaseURL refuses what PostgreSQL's driver cannot read. Its error is not repeated: it may hold the password.
func checkDatabaseURL(v string) error {
	_, err := pgconn.ParseConfig(v)
	return require(err == nil, "must be a URL such as postgres://user:password@host:5432/secretary")
}

func setEventRetention(c *Config, v string) error {
	digits, ok := strings.CutSuffix(v, "d")
	days, err := strconv.ParseUint(digits, 10, 16)
	c.EventRetention = time.Duration(days) * 24 * time.Hour
	return require(ok && err == nil && days > 0 && days <= maxRetentionDays, "must be a number of days from 1 to 36500, such as 400d")
}

func setDuration(to *time.Duration, v string, least time.Duration, otherwise string) error {
	var err error
	*to, err = time.ParseDuration(v)
	return require(err == nil && *to >= least, otherwise)
}

func checkHTTPURL(v string) error {
	u, err := url.Parse(v)
	ok := err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && u.RawQuery == "" && u.Fragment == "" && u.User == nil
	return require(ok, "must be an http or https address without a query or a user")
}

func setBool(to *bool, v string) error {
	var err error
	*to, err = strconv.ParseBool(v)
	return require(err == nil, "must be true or false")
}

func require(ok bool, otherwise string) error {
	if ok {
		return nil
	}
	return errors.New(otherwise)
}

// plain is an error of core in the words for who configures the service: without its code, and every field of it.
func plain(err error) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return err
	}
	if len(e.Fields) == 0 {
		return errors.New(e.Msg)
	}
	var said []string
	for _, f := range e.Fields {
		said = append(said, f.Msg)
	}
	return errors.New(strings.Join(said, ", "))
}
