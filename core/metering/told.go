package metering

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/secretary-api/secretary/core/errs"
)

// Told is one entry of a usage report. Those with a key are metrics of a single request, and the same key again is the
// same request; those without are totals of the session so far.
type Told struct {
	Key string // at most 200 visible ASCII characters
	Reading
}

// Bounds of a report.
const (
	maxEntries = 1000
	maxWrapped = 4 // objects around the entries
)

// ParseReport reads what a LiveKit agent has at hand about its usage, as its library writes it: the usage of a session
// (an object, a list, a session report, the event of a change, or protocol buffers' JSON), the older summary, or metrics of
// requests. Names may be in snake_case, with durations in seconds, or in camelCase, with durations "Ms" in milliseconds.
// Entries of an unknown type, and figures that nothing is made of, are passed over. A report in which nothing is
// recognised is Invalid "unknown-report", and one with bad figures Invalid "invalid-input".
func ParseReport(raw []byte) ([]Told, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var document any
	if err := dec.Decode(&document); err != nil {
		return nil, errs.New(errs.Invalid, "unknown-report", "must be JSON")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errs.New(errs.Invalid, "unknown-report", "must be one JSON value")
	}
	var r reportReader
	r.read(document, "", maxWrapped)
	if !r.recognised {
		return nil, errs.New(errs.Invalid, "unknown-report", "must be a usage report or metrics of a LiveKit agent")
	}
	r.check.That(r.entries <= maxEntries, "report", "must not have more than "+strconv.Itoa(maxEntries)+" entries")
	if err := r.check.Err(); err != nil {
		return nil, err
	}
	return r.told, nil
}

// reportReader gathers the entries of a report.
type reportReader struct {
	told       []Told
	entries    int
	recognised bool
	check      errs.Check
}

// read takes whatever a value is; wrapped is how many objects may still be around entries.
func (r *reportReader) read(value any, path string, wrapped int) {
	switch v := value.(type) {
	case []any:
		r.recognised = r.recognised || len(v) == 0
		for i, item := range v {
			if object, ok := item.(map[string]any); ok && r.entries <= maxEntries {
				r.object(newReportObject(object, path+"["+strconv.Itoa(i)+"]"), wrapped)
			}
		}
	case map[string]any:
		r.object(newReportObject(v, path), wrapped)
	}
}

// object takes an entry, or the entries in an object around them.
func (r *reportReader) object(o reportObject, wrapped int) {
	kind := o.text("type")
	switch {
	case strings.HasSuffix(kind, "_usage"):
		r.total(o, kind)
		return
	case strings.HasSuffix(kind, "_metrics"):
		r.request(o, kind)
		return
	case r.oneOf(o):
		return
	}
	found := r.summary(o)
	for _, wrapper := range []string{"model_usage", "usage", "metrics"} {
		if value, ok := o.fields[wrapper]; ok && wrapped > 0 {
			found = true
			r.read(value, o.at(wrapper), wrapped-1)
		}
	}
	if found {
		return
	}
	switch kind = o.guess(); {
	case strings.HasSuffix(kind, "_usage"):
		r.total(o, kind)
	case strings.HasSuffix(kind, "_metrics"):
		r.request(o, kind)
	}
}

// oneOf takes an entry of protocol buffers, where the name of its only field is the type: {"llm": {...}}.
func (r *reportReader) oneOf(o reportObject) bool {
	for _, kind := range []Kind{LLM, TTS, STT, Interruption, EOT} {
		if inner, ok := o.fields[string(kind)].(map[string]any); ok {
			r.total(newReportObject(inner, o.at(string(kind))), string(kind)+"_usage")
			return true
		}
	}
	return false
}

// total takes the usage of one model so far.
func (r *reportReader) total(o reportObject, kind string) {
	r.recognised = true
	var of Kind
	var q Quantities
	switch kind {
	case "llm_usage":
		of = LLM
		q.CachedInputTokens = o.count(&r.check, "input_cached_tokens")
		q.CacheCreationTokens = o.count(&r.check, "input_cache_creation_tokens")
		q.InputAudioTokens = o.count(&r.check, "input_audio_tokens")
		q.CachedInputAudioTokens = o.count(&r.check, "input_cached_audio_tokens")
		q.OutputAudioTokens = o.count(&r.check, "output_audio_tokens")
		q.ConnectionMillis = o.millis(&r.check, "session_duration")
	case "tts_usage":
		of = TTS
		q.Characters = o.count(&r.check, "characters_count")
		q.AudioMillis = o.millis(&r.check, "audio_duration")
	case "stt_usage":
		of = STT
		q.AudioMillis = o.millis(&r.check, "audio_duration")
	case "interruption_usage":
		of, q.Requests = Interruption, o.count(&r.check, "total_requests")
	case "eot_usage":
		of, q.Requests = EOT, o.count(&r.check, "total_requests")
	default:
		return
	}
	q.InputTokens, q.OutputTokens = o.count(&r.check, "input_tokens"), o.count(&r.check, "output_tokens")
	r.add("", Reading{Model: Model{of, o.text("provider"), o.text("model")}, Source: Reported, Quantities: q}, o.path)
}

// summary takes the older usage of a session as a whole, which names no models.
func (r *reportReader) summary(o reportObject) bool {
	if !o.hasAny(
		"llm_prompt_tokens", "llm_prompt_cached_tokens", "llm_completion_tokens", "llm_input_audio_tokens", "llm_output_audio_tokens",
		"tts_characters_count", "tts_audio_duration", "tts_audio_duration_ms", "stt_audio_duration", "stt_audio_duration_ms",
	) {
		return false
	}
	r.recognised = true
	llm := Quantities{
		InputTokens:            o.count(&r.check, "llm_prompt_tokens"),
		CachedInputTokens:      o.count(&r.check, "llm_prompt_cached_tokens"),
		InputAudioTokens:       o.count(&r.check, "llm_input_audio_tokens"),
		CachedInputAudioTokens: o.count(&r.check, "llm_input_cached_audio_tokens"),
		OutputTokens:           o.count(&r.check, "llm_completion_tokens"),
		OutputAudioTokens:      o.count(&r.check, "llm_output_audio_tokens"),
	}
	tts := Quantities{Characters: o.count(&r.check, "tts_characters_count"), AudioMillis: o.millis(&r.check, "tts_audio_duration")}
	stt := Quantities{AudioMillis: o.millis(&r.check, "stt_audio_duration")}
	r.add("", Reading{Model: Model{Kind: LLM}, Source: Reported, Quantities: llm}, o.path)
	r.add("", Reading{Model: Model{Kind: TTS}, Source: Reported, Quantities: tts}, o.path)
	r.add("", Reading{Model: Model{Kind: STT}, Source: Reported, Quantities: stt}, o.path)
	return true
}

// request takes the metrics of one request.
func (r *reportReader) request(o reportObject, kind string) {
	r.recognised = true
	var q Quantities
	of := LLM
	switch kind {
	case "llm_metrics":
		q.InputTokens = o.count(&r.check, "prompt_tokens")
		q.CachedInputTokens = o.count(&r.check, "prompt_cached_tokens")
		q.CacheCreationTokens = o.count(&r.check, "cache_creation_tokens")
		q.OutputTokens = o.count(&r.check, "completion_tokens")
	case "realtime_model_metrics":
		in, out := o.object("input_token_details"), o.object("output_token_details")
		q.InputTokens, q.OutputTokens = o.count(&r.check, "input_tokens"), o.count(&r.check, "output_tokens")
		q.CachedInputTokens = in.count(&r.check, "cached_tokens")
		q.InputAudioTokens = in.count(&r.check, "audio_tokens")
		q.CachedInputAudioTokens = in.object("cached_tokens_details").count(&r.check, "audio_tokens")
		q.OutputAudioTokens = out.count(&r.check, "audio_tokens")
		q.ConnectionMillis = o.millis(&r.check, "session_duration")
	case "tts_metrics":
		of = TTS
		q.InputTokens, q.OutputTokens = o.count(&r.check, "input_tokens"), o.count(&r.check, "output_tokens")
		q.Characters = o.count(&r.check, "characters_count")
		q.AudioMillis = o.millis(&r.check, "audio_duration")
	case "stt_metrics":
		of = STT
		q.InputTokens, q.OutputTokens = o.count(&r.check, "input_tokens"), o.count(&r.check, "output_tokens")
		q.AudioMillis = o.millis(&r.check, "audio_duration")
	default:
		return
	}
	metadata := o.object("metadata")
	m := Model{of, metadata.text("model_provider"), metadata.text("model_name")}
	r.add(o.key(kind), Reading{Model: m, Source: Requests, Quantities: q}, o.path)
}

// add keeps an entry that tells something.
func (r *reportReader) add(key string, reading Reading, path string) {
	r.entries++
	var c errs.Check
	reading.validate(&c)
	if c.Err() != nil {
		r.check.That(false, cleanPath(path), "must name its provider and model in short texts of one line")
	}
	if reading.Quantities != (Quantities{}) {
		r.told = append(r.told, Told{Key: key, Reading: reading})
	}
}

// guess finds the type of an entry that does not tell it: some libraries leave out what is the default. It is "" when
// there is none to be found.
func (o reportObject) guess() string {
	listed := o.path != "" && (o.text("provider") != "" || o.text("model") != "")
	switch {
	case o.hasAny("prompt_tokens", "completion_tokens"):
		return "llm_metrics"
	case o.hasAny("input_token_details", "output_token_details"):
		return "realtime_model_metrics"
	case o.hasAny("request_id") && o.hasAny("characters_count"):
		return "tts_metrics"
	case o.hasAny("request_id") && o.hasAny("audio_duration", "audio_duration_ms"):
		return "stt_metrics"
	case o.hasAny("characters_count"):
		return "tts_usage"
	case o.hasAny("audio_duration", "audio_duration_ms"):
		return "stt_usage"
	case o.hasAny("total_requests"):
		if name := strings.ToLower(o.text("model")); strings.Contains(name, "turn") || strings.Contains(name, "eot") {
			return "eot_usage"
		}
		return "interruption_usage"
	case listed || o.hasAny("input_tokens", "output_tokens", "session_duration", "session_duration_ms"):
		return "llm_usage"
	}
	return ""
}

// cleanPath is a path as errors have it.
func cleanPath(path string) string {
	if path == "" {
		return "report"
	}
	return strings.TrimPrefix(path, ".")
}

// sortedKeys are the names in an object, so that what is read does not depend on their order.
func sortedKeys(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
