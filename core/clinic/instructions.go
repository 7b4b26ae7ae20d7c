package clinic

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// Level says where a part of the instructions comes from.
type Level string

// The levels, from the general to the specific.
const (
	LevelPlatform   Level = "platform"
	LevelEntity     Level = "entity"
	LevelDepartment Level = "department"
)

// Source is one origin of merged instructions.
type Source struct {
	Level Level
	ID    int64 // of the entity or the department; 0 for the platform
}

// Instructions is what an agent in a room is told: the merge of every level, the text of it, and where it came from.
type Instructions struct {
	Merged  jsonobj.Object
	Text    string
	Sources []Source
}

// CheckInstructions checks the keys with a meaning: "prompt" is a string and "rules" a list of strings.
// It fails with Invalid "invalid-input".
func CheckInstructions(o jsonobj.Object) error {
	var c errs.Check
	if v, ok := o.Member("prompt"); ok {
		c.That(v[0] == '"', "instructions.prompt", "must be a string")
	}
	if v, ok := o.Member("rules"); ok {
		c.That(isListOfTexts(v), "instructions.rules", "must be a list of strings")
	}
	return c.Err()
}

func isListOfTexts(text string) bool {
	r := jsonobj.NewReader(text)
	if r.Next() != '[' {
		return false
	}
	for range r.Items {
		if r.Next() != '"' {
			return false
		}
		r.Skip()
	}
	return true
}

// InstructionsFor merges what a room's agent is told. Without an entity the platform's default applies, which may be
// none; otherwise the entity's instructions, then the department's. Levels that say nothing are no sources.
func InstructionsFor(platform jsonobj.Object, entity *Entity, department *Department) (Instructions, error) {
	type level struct {
		source Source
		object jsonobj.Object
	}
	var levels []level
	if entity == nil {
		levels = append(levels, level{Source{LevelPlatform, 0}, platform})
	} else {
		levels = append(levels, level{Source{LevelEntity, int64(entity.ID)}, entity.Instructions})
	}
	if department != nil {
		levels = append(levels, level{Source{LevelDepartment, int64(department.ID)}, department.Instructions})
	}
	out := Instructions{Sources: []Source{}}
	merged := map[string]any{}
	for _, l := range levels {
		if l.object.IsNone() {
			continue
		}
		merged = mergeObjects(merged, l.object.Map(), true)
		out.Sources = append(out.Sources, l.source)
	}
	var err error
	if out.Merged, err = jsonobj.Encode(merged); err != nil {
		return Instructions{}, err
	}
	out.Text = render(merged)
	return out, nil
}

// Merge puts the specific instructions over the general ones: the strings under "prompt" are concatenated, the general
// first; arrays are appended without repeats; objects merge; any other key of the specific one wins. The merge of two
// large ones may be larger than what a single one may be.
func Merge(general, specific jsonobj.Object) (jsonobj.Object, error) {
	return jsonobj.Encode(mergeObjects(general.Map(), specific.Map(), true))
}

// mergeObjects may change general; top is true for the instructions themselves, where "prompt" has its meaning.
func mergeObjects(general, specific map[string]any, top bool) map[string]any {
	for key, value := range specific {
		switch over := value.(type) {
		case string:
			if before, ok := general[key].(string); ok && top && key == "prompt" {
				general[key] = joinPrompts(before, over)
				continue
			}
		case []any:
			if before, ok := general[key].([]any); ok {
				general[key] = appendNew(before, over)
				continue
			}
		case map[string]any:
			if before, ok := general[key].(map[string]any); ok {
				general[key] = mergeObjects(before, over, false)
				continue
			}
		}
		general[key] = value
	}
	return general
}

func joinPrompts(general, specific string) string {
	switch {
	case strings.TrimSpace(general) == "":
		return specific
	case strings.TrimSpace(specific) == "":
		return general
	}
	return strings.TrimRight(general, "\n") + "\n\n" + strings.TrimLeft(specific, "\n")
}

func appendNew(list, more []any) []any {
	for _, item := range more {
		if !slices.ContainsFunc(list, func(have any) bool { return reflect.DeepEqual(have, item) }) {
			list = append(list, item)
		}
	}
	return list
}

// render writes merged instructions as a prompt: the prompt, the rules as a list, then every other key by name.
func render(merged map[string]any) string {
	var b strings.Builder
	if prompt, ok := merged["prompt"].(string); ok {
		b.WriteString(strings.TrimSpace(prompt))
	}
	section := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(title + ":")
		for _, line := range lines {
			b.WriteString("\n- " + line)
		}
	}
	keys := make([]string, 0, len(merged))
	for key := range merged {
		if key != "prompt" && key != "rules" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	section("rules", renderItems(merged["rules"]))
	for _, key := range keys {
		switch value := merged[key].(type) {
		case []any:
			section(key, renderItems(value))
		case nil:
		default:
			if b.Len() > 0 {
				b.WriteString("\n\n")
			}
			b.WriteString(key + ": " + renderValue(value))
		}
	}
	return b.String()
}

func renderItems(value any) []string {
	list, ok := value.([]any)
	if !ok {
		return nil
	}
	lines := make([]string, 0, len(list))
	for _, item := range list {
		lines = append(lines, renderValue(item))
	}
	return lines
}

func renderValue(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)                  // it is read by a model, not by a browser
	if err := enc.Encode(value); err != nil { // it was decoded from JSON
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}
