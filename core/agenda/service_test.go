package agenda_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/patch"
)

func TestNewServiceIsOfOneProfessional(t *testing.T) {
	t.Parallel()
	_, maria, _, _ := xyz()
	key := id.New[agenda.Service]()
	got, err := agenda.NewService(key, maria, agenda.ServiceParams{
		Name: " Aplicação de Botox ", Description: " um\ndois ", Keywords: []string{"rugas", " rugas "}, PriceCents: 120000,
	}, noon())
	want := agenda.Service{
		ID: key, ProfessionalID: maria.ID, TenantID: maria.TenantID, EntityID: 3, Name: "Aplicação de Botox", Slug: "aplicacao-de-botox",
		Description: "um\ndois", Keywords: []string{"rugas"}, PriceCents: 120000, DurationMinutes: 30, Active: true, CreatedAt: noon(), UpdatedAt: noon(),
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %s", err, cmp.Diff(want, got))
	}
	minutes := 45
	got, err = agenda.NewService(key, maria, agenda.ServiceParams{Name: "Botox", Slug: "toxina", DurationMinutes: &minutes}, noon())
	if err != nil || got.Slug != "toxina" || got.DurationMinutes != 45 {
		t.Errorf("got %+v, %v, want slug toxina and 45 minutes", got, err)
	}
	zero := 0
	_, err = agenda.NewService(key, maria, agenda.ServiceParams{PriceCents: -1, DurationMinutes: &zero}, noon())
	if got, want := wrongFields(t, err), []string{"service_name", "service_slug", "price_cents", "duration_minutes"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestServiceBounds(t *testing.T) {
	t.Parallel()
	type change = agenda.ServicePatch
	for name, c := range map[string]struct {
		patch change
		wrong []string
	}{
		"nothing":             {change{}, nil},
		"for free":            {change{PriceCents: patch.Clear[int64]()}, nil},
		"a negative price":    {change{PriceCents: patch.Set[int64](-1)}, []string{"price_cents"}},
		"the highest price":   {change{PriceCents: patch.Set[int64](10_000_000_000)}, nil},
		"too high a price":    {change{PriceCents: patch.Set[int64](10_000_000_001)}, []string{"price_cents"}},
		"the shortest":        {change{DurationMinutes: patch.Set(5)}, nil},
		"too short":           {change{DurationMinutes: patch.Set(4)}, []string{"duration_minutes"}},
		"the longest":         {change{DurationMinutes: patch.Set(720)}, nil},
		"too long":            {change{DurationMinutes: patch.Set(721)}, []string{"duration_minutes"}},
		"no name":             {change{Name: patch.Clear[string]()}, []string{"service_name"}},
		"no slug":             {change{Slug: patch.Clear[string]()}, []string{"service_slug"}},
		"a long description":  {change{Description: patch.Set(strings.Repeat("é", 2001))}, []string{"service_description"}},
		"too many keywords":   {change{Keywords: patch.Set(make([]string, 101))}, []string{"service_keywords"}},
		"no keywords":         {change{Keywords: patch.Clear[[]string]()}, nil},
		"no longer offered":   {change{Active: patch.Set(false)}, nil},
		"a name with a brace": {change{Name: patch.Set("{{ clinic_name }}")}, nil},
	} {
		_, _, _, botox := xyz()
		botox.Slug = "botox"
		before := botox
		err := botox.Change(c.patch, later())
		if err == nil && c.wrong == nil {
			if botox.UpdatedAt != later() || botox.ProfessionalID != before.ProfessionalID || botox.TenantID != before.TenantID {
				t.Errorf("%s: got %+v", name, botox)
			}
			continue
		}
		if got := slices.Compact(wrongFields(t, err)); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: wrong %q, want %q", name, got, c.wrong)
		}
	}
}

func TestServiceDeactivate(t *testing.T) {
	t.Parallel()
	_, _, _, botox := xyz()
	if botox.Deactivate(later()); botox.Active || botox.UpdatedAt != later() || botox.Name != "Botox" {
		t.Errorf("got %+v", botox)
	}
}
