package clinic_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/jsonobj"
)

func TestRememberedMergeIsThatOfNow(t *testing.T) {
	t.Parallel()
	var merges clinic.Merges
	for range 2 {
		for _, entity := range []*clinic.Entity{nil, {ID: 1, Instructions: `{"prompt":"a"}`}, {ID: 1, Instructions: `{"prompt":"b"}`}, {ID: 2}} {
			for _, department := range []*clinic.Department{nil, {ID: 1, Instructions: `{"prompt":"c"}`}, {ID: 1}, {ID: 2, Instructions: `{"rules":["d"]}`}} {
				for _, platform := range []jsonobj.Object{"", `{"prompt":"p"}`} {
					want, _ := clinic.InstructionsFor(platform, entity, department)
					for range 2 {
						got, err := merges.For(platform, entity, department)
						if diff := cmp.Diff(want, got); err != nil || diff != "" {
							t.Fatalf("of %v, %v and %v: %v (-want +got):\n%s", platform, entity, department, err, diff)
						}
					}
				}
			}
		}
	}
}

func TestMoreMergesThanAreRemembered(t *testing.T) {
	t.Parallel()
	var merges clinic.Merges
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for i := range 200 {
				prompt := strconv.Itoa(i) + strings.Repeat("x", 60<<10)
				entity := &clinic.Entity{ID: clinic.EntityID(i + n), Instructions: jsonobj.Object(`{"prompt":"` + prompt + `"}`)}
				if got, err := merges.For("", entity, nil); err != nil || got.Text != prompt {
					t.Errorf("entity %d: %v, text %.10s", entity.ID, err, got.Text)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkInstructions(b *testing.B) {
	entity := &clinic.Entity{ID: 1, Instructions: `{"prompt":"Seja breve.","tone":"formal","rules":["Nunca dê um diagnóstico."]}`}
	department := &clinic.Department{ID: 1, Instructions: `{"prompt":"Pergunte se há dor no peito.","vocabulary":["holter"]}`}
	b.Run("merged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = clinic.InstructionsFor("", entity, department)
		}
	})
	b.Run("remembered", func(b *testing.B) {
		var merges clinic.Merges
		b.ReportAllocs()
		for b.Loop() {
			_, _ = merges.For("", entity, department)
		}
	})
}
