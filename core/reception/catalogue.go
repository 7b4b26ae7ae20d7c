package reception

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:embed catalogue/*.json
var catalogueFiles embed.FS

// Catalogue is every text that a patient can read, in one language. A text has placeholders in braces; another language
// is another file beside catalogue/pt-BR.json with the same keys.
type Catalogue struct {
	texts    map[string]string
	weekdays []string // from Sunday
}

// args fill the placeholders of a text.
type args map[string]string

// Portuguese is the catalogue of Brazilian Portuguese.
func Portuguese() *Catalogue { return portuguese() }

//nolint:gochecknoglobals // the embedded file never changes, and is read once
var portuguese = sync.OnceValue(func() *Catalogue {
	c, err := LoadCatalogue("pt-BR")
	if err != nil { // the file is part of the binary, and a test loads it
		panic(err)
	}
	return c
})

// LoadCatalogue reads the embedded catalogue of a language, named by its BCP 47 tag.
func LoadCatalogue(language string) (*Catalogue, error) {
	raw, err := catalogueFiles.ReadFile("catalogue/" + language + ".json")
	if err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", language, err)
	}
	c := &Catalogue{}
	if err := json.Unmarshal(raw, &c.texts); err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", language, err)
	}
	c.weekdays = strings.Split(c.texts["weekdays"], ",")
	if len(c.weekdays) != 7 {
		return nil, fmt.Errorf("catalogue %s: weekdays: want 7 names", language)
	}
	return c, nil
}

// Keys returns every key, for the test that compares languages.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.texts))
	for key := range c.texts {
		keys = append(keys, key)
	}
	return keys
}

// text returns a text with its placeholders filled. What a patient or a clinic wrote is filled in once and never read
// as a placeholder itself. An unknown key is a bug that the tests of every key find.
func (c *Catalogue) text(key string, with args) string {
	text, ok := c.texts[key]
	if !ok {
		panic("reception: no text " + key)
	}
	pairs := make([]string, 0, 2*len(with))
	for name, value := range with {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.TrimSpace(strings.NewReplacer(pairs...).Replace(text)) // a placeholder at the end may be empty
}
