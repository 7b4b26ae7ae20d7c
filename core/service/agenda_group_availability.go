package service

import (
	"context"
	"fmt"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

// What may be asked about groups of visits.
const (
	MaxGroupAvailability = 31 * 24 * time.Hour
	MaxGroupOptions      = 50
	groupOptionsOfDay    = 3
)

// GroupWish is one visit of a group that is looked for, narrowed down by one of its fields at least.
type GroupWish struct {
	Professional agenda.ClinicProfessionalID // zero: any
	Specialty    string                      // "": any
	Service      agenda.ServiceID            // zero: a plain visit
}

// GroupAvailabilityParams asks on which days several visits fit one after the other.
type GroupAvailabilityParams struct {
	Tenant   agenda.TenantID
	Visits   []GroupWish
	From, To time.Time     // zero: now, and 7 days after From
	MaxGap   time.Duration // between the end of a visit and the start of the next; 0 to 12 hours
	Limit    int           // 1 to MaxGroupOptions
}

// GroupOption is one way to have several visits on one day.
type GroupOption struct {
	Date   agenda.Date           // of the clinic's zone
	Visits []agenda.PlannedVisit // by start
}

// GroupAvailability is when several visits fit one after the other on one day.
type GroupAvailability struct {
	Options     []GroupOption // by time
	Unavailable []UnreadCalendar
}

// GroupAvailability returns ways to have several visits on one day, one after the other in whichever order: of each day the
// first beginnings at which one fits, a few of each day, up to the limit. See [agenda.Plans] for how they are looked for.
// Errors: as for Availability.
func (s *Agenda) GroupAvailability(ctx context.Context, actor identity.Actor, p GroupAvailabilityParams) (GroupAvailability, error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return GroupAvailability{}, err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), p.Tenant)
	if err != nil {
		return GroupAvailability{}, err
	}
	if p.From, p.To, err = s.askedPeriod("body", p.From, p.To); err == nil {
		err = p.check()
	}
	if err != nil {
		return GroupAvailability{}, err
	}
	wanted, who, err := s.wanted(dir, p.Visits)
	if err != nil {
		return GroupAvailability{}, err
	}
	found, unread, err := s.freeOfAll(ctx, dir.Clinic, who, p.From, p.To)
	if err != nil {
		return GroupAvailability{}, err
	}
	out := GroupAvailability{Options: []GroupOption{}, Unavailable: unread}
	zone := dir.Clinic.Location()
	days := slotsByDay(wanted, who, found, zone)
	for day := agenda.DateOf(p.From, zone); !day.After(agenda.DateOf(p.To, zone)) && len(out.Options) < p.Limit; day = day.AddDays(1) {
		if days[day] == nil {
			continue
		}
		for _, plan := range agenda.Plans(days[day], p.MaxGap, min(groupOptionsOfDay, p.Limit-len(out.Options))) {
			out.Options = append(out.Options, GroupOption{day, plan})
		}
	}
	return out, nil
}

func (p GroupAvailabilityParams) check() error {
	var c errs.Check
	c.That(p.To.Sub(p.From) <= MaxGroupAvailability, "to", "must be at most 31 days after from")
	c.That(len(p.Visits) >= MinGroup && len(p.Visits) <= MaxGroup, "visits", fmt.Sprintf("must be %d to %d visits", MinGroup, MaxGroup))
	c.That(p.MaxGap >= 0 && p.MaxGap <= 12*time.Hour, "max_gap_minutes", "must be between 0 and 720")
	c.That(p.Limit > 0 && p.Limit <= MaxGroupOptions, "limit", fmt.Sprintf("must be between 1 and %d", MaxGroupOptions))
	return c.Err()
}

// wanted is who could do each of the visits, as places in the list of everybody who could do one.
func (s *Agenda) wanted(dir agenda.Directory, visits []GroupWish) (wanted [][]int, who []candidate, err error) {
	type key struct {
		professional agenda.ClinicProfessionalID
		service      agenda.ServiceID
	}
	places := map[key]int{}
	for i, v := range visits {
		if v == (GroupWish{}) {
			return nil, nil, errs.InvalidField(fmt.Sprintf("visits[%d]", i), "name a professional, a speciality or a service")
		}
		able, err := s.asked(dir, AvailabilityParams{Professional: v.Professional, Specialty: v.Specialty, Service: v.Service})
		if err != nil {
			return nil, nil, err
		}
		of := []int{}
		for _, c := range able {
			k := key{c.professional.ID, c.serviceID()}
			place, known := places[k]
			if !known {
				place = len(who)
				places[k], who = place, append(who, c)
			}
			of = append(of, place)
		}
		wanted = append(wanted, of)
	}
	return wanted, who, nil
}

// slotsByDay sorts what was found by the day on which it starts, and then by the visit that could take it.
func slotsByDay(wanted [][]int, who []candidate, found [][]agenda.Interval, zone *time.Location) map[agenda.Date][][]agenda.PlannedVisit {
	days := map[agenda.Date][][]agenda.PlannedVisit{}
	for visit, places := range wanted {
		for _, place := range places {
			c := who[place]
			before := time.Duration(c.professional.BufferBeforeMinutes) * time.Minute
			after := time.Duration(c.professional.BufferMinutes) * time.Minute
			for _, slot := range found[place] {
				day := agenda.DateOf(slot.Start, zone)
				if days[day] == nil {
					days[day] = make([][]agenda.PlannedVisit, len(wanted))
				}
				days[day][visit] = append(days[day][visit], agenda.PlannedVisit{
					Interval: slot, Visit: visit, Professional: c.professional.ID, Service: c.serviceID(),
					Blocks: agenda.Interval{Start: slot.Start.Add(-before), End: slot.End.Add(after)},
				})
			}
		}
	}
	return days
}
