package jsonschema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/secretary-api/secretary/core/errs"
)

// Bounds of what a client is told.
const (
	maxProblems = 20
	maxPath     = 200 // characters
	maxValues   = 200 // characters of the values that a schema lists
)

// problem is one wrong part of an object.
type problem struct{ path, msg string }

// problems is what the client is told, in the order of the paths: the library's own order differs from call to call, and
// its messages repeat values.
func problems(invalid *jsonschema.ValidationError, instance map[string]any) error {
	var found []problem
	collect(invalid, instance, func(path, msg string) { found = append(found, problem{cut(path, maxPath), msg}) })
	slices.SortFunc(found, func(a, b problem) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.msg, b.msg)) })
	found = slices.Compact(found)
	var c errs.Check
	for _, p := range found[:min(len(found), maxProblems)] {
		c.That(false, p.path, p.msg)
	}
	return c.Err()
}

// collect notes the causes that say what is wrong themselves.
func collect(e *jsonschema.ValidationError, instance any, note func(path, msg string)) {
	path := pathOf(e.InstanceLocation, instance)
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			note(path+"."+name, "is required")
		}
	case *kind.DependentRequired:
		for _, name := range k.Missing {
			note(path+"."+name, "is required beside "+k.Prop)
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			note(path+"."+name, "is not a member that the schema knows")
		}
	case *kind.PropertyNames: // the library does not tell where
		note(path+".*."+k.Property, "is not a name that is allowed")
	case *kind.Contains, *kind.MinContains, *kind.MaxContains:
		note(path, "does not have the items that the schema asks for")
	case *kind.AnyOf, *kind.OneOf:
		note(path, "must be one of the alternatives of the schema") // what is wrong with each would only confuse
	default:
		if len(e.Causes) == 0 {
			note(path, message(e.ErrorKind))
		}
		for _, cause := range e.Causes {
			collect(cause, instance, note)
		}
	}
}

// message says what a value must be.
func message(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return "must be of type " + strings.Join(k.Want, " or ")
	case *kind.Enum:
		return "must be one of " + values(k.Want...)
	case *kind.Const:
		return "must be " + values(k.Want)
	case *kind.Format:
		return "must be of the format " + k.Want
	case *kind.Pattern:
		return "must match the pattern " + cut(k.Want, maxValues)
	case *kind.MinLength:
		return "must be at least " + strconv.Itoa(k.Want) + " characters"
	case *kind.MaxLength:
		return "must be at most " + strconv.Itoa(k.Want) + " characters"
	case *kind.Minimum:
		return "must be at least " + number(k.Want)
	case *kind.Maximum:
		return "must be at most " + number(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be more than " + number(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be less than " + number(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + number(k.Want)
	case *kind.MinItems:
		return "must have at least " + strconv.Itoa(k.Want) + " items"
	case *kind.MaxItems:
		return "must have at most " + strconv.Itoa(k.Want) + " items"
	case *kind.UniqueItems:
		return "must not have the same item twice"
	case *kind.MinProperties:
		return "must have at least " + strconv.Itoa(k.Want) + " members"
	case *kind.MaxProperties:
		return "must have at most " + strconv.Itoa(k.Want) + " members"
	case *kind.FalseSchema:
		return "is not allowed"
	}
	return "does not satisfy the schema's " + cmp.Or(strings.Join(k.KeywordPath(), "/"), "rules")
}

// pathOf is a place in an event's data as errors have it: data.items[0].text.
func pathOf(location []string, instance any) string {
	var path strings.Builder
	path.WriteString("data")
	for _, name := range location {
		switch v := instance.(type) {
		case []any:
			path.WriteString("[" + name + "]")
			if i, err := strconv.Atoi(name); err == nil && i < len(v) {
				instance = v[i]
			}
		case map[string]any:
			path.WriteString("." + name)
			instance = v[name]
		default:
			path.WriteString("." + name)
		}
	}
	return path.String()
}

// values are values of the schema itself, as JSON.
func values(list ...any) string {
	texts := make([]string, 0, len(list))
	for _, v := range list {
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte(fmt.Sprint(v))
		}
		texts = append(texts, string(text))
	}
	return cut(strings.Join(texts, ", "), maxValues)
}

func number(n *big.Rat) string {
	if n.IsInt() {
		return n.Num().String()
	}
	return strings.TrimRight(n.FloatString(10), "0")
}

// cut bounds a text.
func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
