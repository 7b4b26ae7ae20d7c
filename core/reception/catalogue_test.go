package reception_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/secretary-api/secretary/core/reception"
)

func TestEveryLanguageHasTheSameKeys(t *testing.T) {
	t.Parallel()
	want := reception.Portuguese().Keys()
	slices.Sort(want)
	files, err := filepath.Glob("catalogue/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogues: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		var got []string
		for key, text := range texts {
			got = append(got, key)
			if text == "" {
				t.Errorf("%s: %s is empty", file, key)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: keys = %v, want %v", file, got, want)
		}
	}
}

func TestUnknownLanguageIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := reception.LoadCatalogue("xx"); err == nil {
		t.Error("got no error")
	}
}
