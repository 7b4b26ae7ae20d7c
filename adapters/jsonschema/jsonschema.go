package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// maxName is the longest name that an event can have, in characters.
const maxName = 100

var _ ports.EventSchemas = (*Schemas)(nil)

// Schemas are the compiled schemas, by the names of events. They may be used by several goroutines.
type Schemas struct{ byName map[string]*jsonschema.Schema }

// Load reads and compiles the schemas of a file, see [Parse].
func Load(path string) (*Schemas, error) {
	document, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		if e, ok := errors.AsType[*fs.PathError](err); ok {
			err = e.Err // who configures the service knows which file it is
		}
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	return Parse(document)
}

// Parse compiles the schemas of a JSON document:
//
//	{"transcript": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}, ...}
//
// A schema is one of draft 2020-12 unless it says otherwise, whose "format" is checked too. It may refer to its own parts,
// "#/$defs/...", and to nothing else: no file is read and no address called.
func Parse(document []byte) (*Schemas, error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("must be a JSON object of schemas by the names of events")
	}
	s := &Schemas{byName: map[string]*jsonschema.Schema{}}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("is no valid JSON: %w", err)
		}
		name, _ := key.(string) // what stands there in valid JSON
		var schema any
		if err := dec.Decode(&schema); err != nil {
			return nil, fmt.Errorf("event %q: is no valid JSON: %w", name, err)
		}
		if err := s.add(name, schema); err != nil {
			return nil, fmt.Errorf("event %q: %w", name, err)
		}
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return nil, fmt.Errorf("is no valid JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("must be one JSON object, and nothing after it")
	}
	return s, nil
}

func (s *Schemas) add(name string, schema any) error {
	if name == "" || name != strings.TrimSpace(name) || utf8.RuneCountInString(name) > maxName {
		return errors.New("an event has a name of 1 to 100 characters without spaces around it")
	}
	if _, twice := s.byName[name]; twice {
		return errors.New("has two schemas")
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	compiler.UseLoader(noLoader{})
	address := "event:///" + url.PathEscape(name)
	if err := compiler.AddResource(address, schema); err != nil {
		return oneLine(err)
	}
	compiled, err := compiler.Compile(address)
	if err != nil {
		return oneLine(err)
	}
	s.byName[name] = compiled
	return nil
}

// Check implements ports.EventSchemas.
func (s *Schemas) Check(name string, data jsonobj.Object) error {
	schema, ok := s.byName[name]
	if !ok {
		return nil
	}
	instance := data.Map()
	err := schema.Validate(instance)
	if err == nil {
		return nil
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return err
	}
	return problems(invalid, instance)
}

// noLoader refuses what a schema refers to outside of itself.
type noLoader struct{}

// Load implements jsonschema.URLLoader.
func (noLoader) Load(string) (any, error) {
	return nil, errors.New("a schema can only refer to its own parts")
}

// oneLine is an error about a schema, which its operator may read in full, without line breaks.
func oneLine(err error) error {
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}
