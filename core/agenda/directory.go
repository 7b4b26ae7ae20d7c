package agenda

import (
	"cmp"
	"slices"

	"github.com/secretary-api/secretary/core/text"
)

// Directory is a clinic with its active professionals and their active services, in display order: all that is needed to
// understand a patient and to choose a professional.
type Directory struct {
	Clinic        Clinic
	Professionals []ClinicProfessional
	Services      []Service
}

// NewDirectory keeps what is active: a service of a professional who is not offered is not offered either.
func NewDirectory(c Clinic, professionals []ClinicProfessional, services []Service) Directory {
	d := Directory{Clinic: c}
	for _, p := range professionals {
		if p.Active && p.TenantID == c.ID {
			d.Professionals = append(d.Professionals, p)
		}
	}
	slices.SortStableFunc(d.Professionals, func(a, b ClinicProfessional) int {
		return cmp.Or(cmp.Compare(a.DisplayOrder, b.DisplayOrder), compareNames(a.Name, b.Name))
	})
	for _, p := range d.Professionals { // so that services of one name keep the order of who offers them
		for _, s := range services {
			if s.ProfessionalID == p.ID && s.Active {
				d.Services = append(d.Services, s)
			}
		}
	}
	slices.SortStableFunc(d.Services, func(a, b Service) int { return compareNames(a.Name, b.Name) })
	return d
}

// compareNames orders names as a reader expects: "Ácido" comes before "Botox".
func compareNames(a, b string) int {
	return cmp.Compare(text.Fold(a), text.Fold(b))
}

// Professional returns one of the clinic's active professionals.
func (d Directory) Professional(key ClinicProfessionalID) (ClinicProfessional, bool) {
	for _, p := range d.Professionals {
		if p.ID == key {
			return p, true
		}
	}
	return ClinicProfessional{}, false
}

// Service returns one of the clinic's active services.
func (d Directory) Service(key ServiceID) (Service, bool) {
	for _, s := range d.Services {
		if s.ID == key {
			return s, true
		}
	}
	return Service{}, false
}

// ServicesOf returns what a professional offers.
func (d Directory) ServicesOf(key ClinicProfessionalID) []Service {
	var out []Service
	for _, s := range d.Services {
		if s.ProfessionalID == key {
			out = append(out, s)
		}
	}
	return out
}
