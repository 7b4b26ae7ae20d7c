package porttest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
)

// SearchStore is a store with what searches it.
type SearchStore struct {
	Store
	Searcher Searcher
}

// Searcher answers the searches that integrations make. An unknown clinic, and one that was deactivated, has nobody.
type Searcher interface {
	// BySpecialty returns the names of the professionals, best match first.
	BySpecialty(ctx context.Context, tenant agenda.TenantID, q string) ([]string, error)
	// ByService returns the services, best match first, each as "professional: service".
	ByService(ctx context.Context, tenant agenda.TenantID, q string) ([]string, error)
}

// RunSearch runs the list of searches. open returns an empty store that nobody else uses.
func RunSearch(t *testing.T, open func(t *testing.T) SearchStore) {
	t.Helper()
	s := open(t)
	f := NewFixtures(t, s.Store)
	tenants := map[string]agenda.TenantID{"": StoreSearchClinic(f).Clinic.ID}
	for _, other := range []string{elsewhere, closed} {
		at := f.NewClinic(f.Entity().ID)
		at.Active = other != closed
		at = store(f, f.Clinics.Create, at)
		storeSearchable(f, at, otherSearchable(other))
		tenants[other] = at.ID
	}
	tenants[nowhereAtAll] = id.New[agenda.Clinic]()

	for _, part := range []struct {
		name   string
		search func(context.Context, agenda.TenantID, string) ([]string, error)
		cases  []searchCase
	}{
		{"BySpecialty", s.Searcher.BySpecialty, specialtyCases()},
		{"ByService", s.Searcher.ByService, serviceCases()},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range part.cases {
				t.Run(fmt.Sprintf("%s/%.40q", c.at, c.q), func(t *testing.T) {
					t.Parallel()
					got := ok[[]string](t, "search")(part.search(t.Context(), tenants[c.at], c.q))
					if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%q: -want +got\n%s", c.q, diff)
					}
				})
			}
		})
	}
}

// StoreSearchClinic stores the clinic that the list of searches is about and returns all of it, inactive rows included.
func StoreSearchClinic(f *Fixtures) SearchClinic {
	f.t.Helper()
	return storeSearchable(f, f.ClinicOf(f.Entity().ID), searchable())
}

// SearchClinic is a clinic with all its rows, whether active or not.
type SearchClinic struct {
	Clinic        agenda.Clinic
	Professionals []agenda.ClinicProfessional
	Services      []agenda.Service
}

// The clinics of a searchCase beside the first.
const (
	elsewhere    = "elsewhere"
	closed       = "closed"
	nowhereAtAll = "unknown"
)

type searchProfessional struct {
	name      string
	order     int
	specialty string
	keywords  string // "a, b"
	services  []searchService
	inactive  bool
}

type searchService struct {
	name     string
	keywords string
	inactive bool
}

func storeSearchable(f *Fixtures, at agenda.Clinic, professionals []searchProfessional) SearchClinic {
	f.t.Helper()
	all := SearchClinic{Clinic: at}
	for _, p := range professionals {
		v := f.NewClinicProfessional(at)
		v.Name, v.DisplayOrder, v.Specialty, v.SpecialtyKeywords = p.name, p.order, p.specialty, keywords(p.keywords)
		v.Active = !p.inactive
		v = store(f, f.ClinicProfessionals.Create, v)
		all.Professionals = append(all.Professionals, v)
		for _, service := range p.services {
			s := f.NewService(v)
			s.Name, s.Keywords, s.Active = service.name, keywords(service.keywords), !service.inactive
			all.Services = append(all.Services, store(f, f.Services.Create, s))
		}
	}
	return all
}

func keywords(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ", ")
}

// searchable are professionals with the usual traps: specialities one letter apart, several ways of writing the same,
// words that no vocabulary knows, equal places in the order, and rows that are not offered.
func searchable() []searchProfessional {
	return []searchProfessional{
		{name: "João", order: 1, specialty: "Cardiologista", keywords: "coração, pressão alta", services: []searchService{
			{name: "Eletrocardiograma", keywords: "ecg, exame do coração"}, {name: "Retorno"},
		}},
		{name: "Maria", order: 2, specialty: "DERMATOLOGISTA", keywords: "pele, manchas, queda de cabelo", services: []searchService{
			{name: "Botox", keywords: "toxina, rugas, linhas de expressão"},
			{name: "Limpeza de pele", keywords: "cravos"},
			{name: "Peeling químico", inactive: true},
			{name: "Aplicação 50% ácido_glicólico", keywords: "🧴, 100% natural"},
		}},
		{name: "Pedro", order: 3, specialty: "Clínico Geral", keywords: "febre, check-up", services: []searchService{
			{name: "Check-up", keywords: "exames de rotina"}, {name: "Retorno"},
		}},
		{name: "Ana", order: 1, specialty: "Cardiologia pediátrica", keywords: "coração de criança", services: []searchService{
			{name: "Eletrocardiograma", keywords: "ecg"},
		}},
		{name: "Rui", order: 5, specialty: "Neurologista", keywords: "enxaqueca, tontura"},
		{name: "Nina", order: 5, specialty: "Nefrologia"},
		{name: "Lia", order: 4, specialty: "Odontologia", keywords: "dente, canal", services: []searchService{
			{name: "Limpeza dental"}, {name: "Clareamento Dental", keywords: "dentes brancos"}, {name: "Botox", keywords: "bruxismo"},
		}},
		{name: "Zélia", order: 7, specialty: "Psicóloga", keywords: "ansiedade"},
		{name: "Álvaro", order: 7, specialty: "Psicólogo", keywords: "ansiedade"},
		{name: "bia", order: 7, specialty: "psicologia", keywords: "Ansiedade, estresse", services: []searchService{{name: "Terapia de casal"}}},
		{name: "Caio", order: 8, specialty: "Ortopedista e traumatologista", keywords: "dor nas costas"},
		{name: "Ugo", order: 8, specialty: "Terapia Ocupacional"},
		{name: "Iara", order: 9, specialty: "Este\u0301tica Avanc\u0327ada", services: []searchService{
			{name: "Depilac\u0327a\u0303o a laser", keywords: "depilar"}, // accents as marks of their own
		}},
		{name: "Kim", order: 9, specialty: "Medicina Tradicional Chinesa", keywords: "agulhas", services: []searchService{
			{name: "Sessão avulsa"}, {name: "Массаж спины"},
		}},
		{name: "Yuri", order: 10, specialty: "Массажист", keywords: "спина"},
		{name: "Otto", order: 10, specialty: "Cirurgião Plástico"},
		{name: "Nair", order: 10, specialty: "Nutricionista", keywords: "emagrecer, dieta"},
		{name: "Fé", order: 11, specialty: "Musicoterapeuta", services: []searchService{
			{name: strings.TrimSpace(strings.Repeat("Sessão ", 28))}, {name: "Raio X"},
		}},
		{name: "Davi", order: 11, specialty: "Médico do Trabalho"},
		{name: "Eva", order: 12, specialty: "👍"},
		{name: "Gone", order: 0, specialty: "Urologista", keywords: "próstata, coração", inactive: true, services: []searchService{
			{name: "Vasectomia", keywords: "ecg"},
		}},
	}
}

func otherSearchable(name string) []searchProfessional {
	return []searchProfessional{{
		name: "Eva " + name, order: 0, specialty: "Urologista", keywords: "coração, próstata",
		services: []searchService{{name: "Acupuntura", keywords: "ecg"}, {name: "Botox"}},
	}}
}

type searchCase struct {
	at   string // "" is the clinic of searchable
	q    string
	want []string
}
