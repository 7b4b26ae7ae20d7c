package reception

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// when writes an instant in the clinic's zone.
func (d Desk) when(t time.Time) string {
	local := t.In(d.Directory.Clinic.Location())
	return d.Say.text("when", args{
		"weekday": d.Say.weekdays[local.Weekday()],
		"date":    local.Format("02/01/2006"),
		"time":    local.Format("15:04"),
	})
}

// isFeminine tells the grammatical gender of a professional by the title, else by the first name's ending.
func isFeminine(name string) bool {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), " ")
	switch strings.TrimSuffix(first, ".") {
	case "dra", "doutora", "profa", "sra":
		return true
	case "dr", "doutor", "prof", "sr":
		return false
	}
	return strings.HasSuffix(first, "a")
}

// about is what the texts say of a professional, with the words that agree with the gender.
func about(p agenda.ClinicProfessional) args {
	a := args{
		"professional": p.Name, "specialty": p.Specialty,
		"o": "o", "do": "do", "nosso": "nosso", "ele": "ele", "pelo": "pelo",
	}
	if isFeminine(p.Name) {
		maps.Copy(a, args{"o": "a", "do": "da", "nosso": "nossa", "ele": "ela", "pelo": "pela"})
	}
	return a
}

// offered is what the texts say of a service and who offers it.
func offered(s agenda.Service, p agenda.ClinicProfessional) args {
	a := about(p)
	maps.Copy(a, args{"service": s.Name, "price": agenda.Price(s.PriceCents), "minutes": strconv.Itoa(s.DurationMinutes)})
	return a
}

// plus adds to a copy of a.
func (a args) plus(more args) args {
	out := maps.Clone(a)
	maps.Copy(out, more)
	return out
}

func (d Desk) professionalLines(options []agenda.ClinicProfessionalID) string {
	lines := make([]string, 0, len(options))
	for i, key := range options {
		if p, ok := d.Directory.Professional(key); ok {
			lines = append(lines, d.Say.text("professional_item", about(p).plus(args{"n": strconv.Itoa(i + 1)})))
		}
	}
	return strings.Join(lines, "\n")
}

func (d Desk) serviceLines(services []agenda.Service) string {
	lines := make([]string, 0, len(services))
	for i, s := range services {
		if p, ok := d.Directory.Professional(s.ProfessionalID); ok {
			lines = append(lines, d.Say.text("service_item", offered(s, p).plus(args{"n": strconv.Itoa(i + 1)})))
		}
	}
	return strings.Join(lines, "\n")
}

func (d Desk) slotLines(slots []agenda.Interval) string {
	lines := make([]string, 0, len(slots))
	for i, slot := range slots {
		lines = append(lines, d.Say.text("slot_item", args{"n": strconv.Itoa(i + 1), "when": d.when(slot.Start)}))
	}
	return strings.Join(lines, "\n")
}

func (d Desk) hourLines(professionals []agenda.ClinicProfessional) string {
	lines := make([]string, 0, len(professionals))
	for _, p := range professionals {
		for _, h := range p.Weekly() {
			lines = append(lines, d.Say.text("hours_item", about(p).plus(args{
				"days": d.days(h.Days), "opens": h.Start.String(), "closes": h.End.String(),
			})))
		}
	}
	return strings.Join(lines, "\n")
}

// days names working days: a run of three or more as a range.
func (d Desk) days(days []time.Weekday) string {
	run := len(days) >= 3
	for i := 1; i < len(days); i++ {
		run = run && days[i] == days[i-1]+1
	}
	if run {
		return d.Say.text("days_range", args{"first": d.Say.weekdays[days[0]], "last": d.Say.weekdays[days[len(days)-1]]})
	}
	names := make([]string, 0, len(days))
	for _, day := range days {
		names = append(names, d.Say.weekdays[day])
	}
	return strings.Join(names, ", ")
}
