package porttest

import (
	"reflect"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

func testParticipants(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[conference.Participant, conference.ParticipantFilter]
	records[conference.Participant, conference.ParticipantID, conference.ParticipantFilter]{
		what: "participant",
		of: func(f *Fixtures) repository[conference.Participant, conference.ParticipantID, conference.ParticipantFilter] {
			return f.Participants
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) conference.Participant {
			v := f.NewParticipant(entity)
			if n%3 == 0 {
				v.Type, v.ProfessionalID = conference.Professional, f.Professional().ID
			}
			return v
		},
		id: func(v *conference.Participant) *conference.ParticipantID { return &v.ID }, missing: nowhere,
		order:  func(v conference.Participant) string { return rising(v.ID) },
		entity: func(_ *Fixtures, v conference.Participant) clinic.EntityID { return v.EntityID },
		at:     func(v *conference.Participant) *time.Time { return &v.CreatedAt },
		change: func(v *conference.Participant) {
			v.Name, v.PhoneNumber, v.ExternalID, v.ProfessionalID = "Outra", "+5511900000000", "", 0
			v.UpdatedAt = v.UpdatedAt.Add(time.Hour)
		},
		bare:     func(v *conference.Participant) { v.ExternalID, v.ProfessionalID = "", 0 },
		homeless: true,
		filters: func(_ *Fixtures, rows []conference.Participant) list {
			some := rows[0]
			filters := list{
				{"type", conference.ParticipantFilter{Type: some.Type}, func(v conference.Participant) bool { return v.Type == some.Type }},
				{"phone", conference.ParticipantFilter{PhoneNumber: some.PhoneNumber}, func(v conference.Participant) bool { return v.PhoneNumber == some.PhoneNumber }},
				{"external id", conference.ParticipantFilter{ExternalID: some.ExternalID}, func(v conference.Participant) bool { return v.ExternalID == some.ExternalID }},
			}
			if some.EntityID != 0 {
				filters = append(filters, list{
					{"entity", conference.ParticipantFilter{EntityID: some.EntityID}, func(v conference.Participant) bool { return v.EntityID == some.EntityID }},
					{"type at an entity", conference.ParticipantFilter{EntityID: some.EntityID, Type: some.Type}, func(v conference.Participant) bool {
						return v.EntityID == some.EntityID && v.Type == some.Type
					}},
				}...)
			}
			return filters
		},
		unknown: []unknown[conference.Participant]{
			{"entity", func(v *conference.Participant) { v.EntityID = nowhere }},
			{"professional", func(v *conference.Participant) {
				v.Type, v.ProfessionalID = conference.Professional, nowhere
			}},
		},
	}.run(t, open)
}

func testRooms(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[conference.Room, conference.RoomFilter]
	records[conference.Room, conference.RoomID, conference.RoomFilter]{
		what: "room",
		of: func(f *Fixtures) repository[conference.Room, conference.RoomID, conference.RoomFilter] {
			return f.Rooms
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) conference.Room {
			v := f.NewRoom(entity)
			if n%3 != 1 {
				v.Status = conference.Closed
			}
			return v
		},
		id: func(v *conference.Room) *conference.RoomID { return &v.ID }, missing: nowhere,
		order:  func(v conference.Room) string { return rising(v.ID) },
		entity: func(_ *Fixtures, v conference.Room) clinic.EntityID { return v.EntityID },
		at:     func(v *conference.Room) *time.Time { return &v.OpenedAt },
		change: func(v *conference.Room) {
			v.Name, v.Status, v.ProfessionalID, v.Type, v.PhoneNumber = "Outra", conference.InProgress, 0, "", ""
			v.ExternalID, v.LiveKitSID, v.ClosedAt, v.UpdatedAt = "", "RM_new", v.ClosedAt.Add(time.Hour), v.UpdatedAt.Add(time.Hour)
			v.LiveKitSince, v.ClosedReason = v.LiveKitSince.Add(time.Hour), conference.ClosedAsLost
			v.Limits = conference.RoomLimits{EmptyTimeout: 10 * time.Second, DepartureTimeout: time.Hour, MaxParticipants: 0}
			v.Agent = conference.RoomAgent{
				Status: conference.AgentDispatched, ParticipantID: v.Agent.ParticipantID, Name: "another", Number: v.Agent.Number + 1,
				Attempts: 1, RequestedAt: v.UpdatedAt, Deadline: v.UpdatedAt.Add(time.Minute),
			}
		},
		bare: func(v *conference.Room) {
			v.DepartmentID, v.ProfessionalID, v.Type, v.PhoneNumber = 0, 0, "", ""
			v.ExternalID, v.LiveKitSID, v.ClosedAt = "", "", time.Time{}
			v.Limits, v.LiveKitSince, v.ClosedReason, v.Agent = conference.RoomLimits{}, time.Time{}, "", conference.RoomAgent{}
		},
		homeless: true,
		filters: func(_ *Fixtures, rows []conference.Room) list {
			some := rows[0]
			filters := list{
				{"status", conference.RoomFilter{Status: some.Status}, func(v conference.Room) bool { return v.Status == some.Status }},
				{"external id", conference.RoomFilter{ExternalID: some.ExternalID}, func(v conference.Room) bool { return v.ExternalID == some.ExternalID }},
			}
			if some.EntityID != 0 {
				filters = append(filters, list{
					{"entity", conference.RoomFilter{EntityID: some.EntityID}, func(v conference.Room) bool { return v.EntityID == some.EntityID }},
					{"department", conference.RoomFilter{DepartmentID: some.DepartmentID}, func(v conference.Room) bool { return v.DepartmentID == some.DepartmentID }},
					{"status at an entity", conference.RoomFilter{EntityID: some.EntityID, Status: some.Status}, func(v conference.Room) bool {
						return v.EntityID == some.EntityID && v.Status == some.Status
					}},
				}...)
			}
			return filters
		},
		conflicts: []conflict[conference.Room]{{"room-name-taken", func(first conference.Room, second *conference.Room) {
			second.LiveKitName = first.LiveKitName
		}, false}},
		unknown: []unknown[conference.Room]{
			{"entity", func(v *conference.Room) { v.EntityID, v.DepartmentID = nowhere, 0 }},
			{"department", func(v *conference.Room) { v.DepartmentID = nowhere }},
			{"professional", func(v *conference.Room) { v.ProfessionalID = nowhere }},
			{"agent", func(v *conference.Room) { v.Agent.ParticipantID = nowhere }},
		},
	}.run(t, open)

	try(t, open, "NoFieldIsLeftOutOfWhatIsTested", func(t *testing.T, f *Fixtures) {
		room := f.Room(f.Entity().ID)
		for _, field := range zeroFields(reflect.ValueOf(room), "Room") {
			t.Errorf("%s is zero in a room that has everything", field)
		}
	})
	try(t, open, "TheTimesOfTheAgentAreKeptInUTCToTheMicrosecond", func(t *testing.T, f *Fixtures) {
		given := f.Room(0)
		odd := time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
		want := odd.UTC().Truncate(time.Microsecond)
		got := ok[conference.Room](t, "update")(f.Rooms.Update(t.Context(), identity.AllEntities(), given.ID, func(v *conference.Room) error {
			v.LiveKitSince, v.Agent.RequestedAt, v.Agent.Deadline, v.Agent.JoinedAt, v.Agent.EndedAt = odd, odd, odd, odd, odd
			return nil
		}))
		for i, at := range []time.Time{got.LiveKitSince, got.Agent.RequestedAt, got.Agent.Deadline, got.Agent.JoinedAt, got.Agent.EndedAt} {
			if at != want { // the location counts
				t.Errorf("time %d: got %v, want %v", i, at, want)
			}
		}
	})
	try(t, open, "Place", func(t *testing.T, f *Fixtures) {
		entity, other := f.Entity().ID, f.Entity().ID
		homed, homeless := f.Room(entity), f.Room(0)
		for range 2 { // the second time it may be known
			for _, scope := range []identity.Scope{identity.AllEntities(), identity.OnlyEntity(entity)} {
				wantSame(t, "the place", ok[conference.Place](t, "place")(f.Rooms.Place(t.Context(), scope, homed.ID)), homed.Place())
			}
			wantSame(t, "no place", ok[conference.Place](t, "place")(f.Rooms.Place(t.Context(), identity.AllEntities(), homeless.ID)), conference.Place{})
			for _, scope := range []identity.Scope{{}, identity.OnlyEntity(other)} {
				for _, id := range []conference.RoomID{homed.ID, homeless.ID} {
					_, err := f.Rooms.Place(t.Context(), scope, id)
					wantError(t, "another tenant's", err, errs.NotFound, "room-not-found")
				}
			}
			_, err := f.Rooms.Place(t.Context(), identity.AllEntities(), nowhere)
			wantError(t, "that of no room", err, errs.NotFound, "room-not-found")
			_, err = f.Rooms.Place(cancelled(t), identity.AllEntities(), homed.ID)
			wantCancelled(t, "Place", err)
		}
		for what, move := range map[string]func(*conference.Room){
			"to another entity":     func(v *conference.Room) { v.EntityID, v.DepartmentID = other, 0 },
			"to no entity":          func(v *conference.Room) { v.EntityID, v.DepartmentID = 0, 0 },
			"out of its department": func(v *conference.Room) { v.DepartmentID = 0 },
		} {
			_, err := f.Rooms.Update(t.Context(), identity.AllEntities(), homed.ID, func(v *conference.Room) error {
				move(v)
				return nil
			})
			wantError(t, "a move "+what, err, errs.Internal, "room-moved")
		}
		wantSame(t, "the room", ok[conference.Room](t, "get")(f.Rooms.Get(t.Context(), identity.AllEntities(), homed.ID)), homed)
	})
	try(t, open, "ByLiveKitName", func(t *testing.T, f *Fixtures) {
		find := f.Rooms.ByLiveKitName
		for _, want := range []conference.Room{f.Room(0), f.Room(f.Entity().ID), f.Room(f.Entity().ID)} {
			wantSame(t, "the room of "+want.LiveKitName, ok[conference.Room](t, "find")(find(t.Context(), want.LiveKitName)), want)
		}
		moved, left := f.Room(0), f.Room(0)
		renamed := ok[conference.Room](t, "rename")(f.Rooms.Update(t.Context(), identity.AllEntities(), moved.ID, func(v *conference.Room) error {
			v.LiveKitName = "elsewhere"
			return nil
		}))
		wantSame(t, "the room of the new name", ok[conference.Room](t, "find")(find(t.Context(), "elsewhere")), renamed)
		wantSame(t, "another room", ok[conference.Room](t, "find")(find(t.Context(), left.LiveKitName)), left)
		for _, name := range []string{moved.LiveKitName, "", "ELSEWHERE", "elsewher%"} {
			_, err := find(t.Context(), name)
			wantError(t, "the room of "+name, err, errs.NotFound, "room-not-found")
		}
		_, err := find(cancelled(t), "elsewhere")
		wantCancelled(t, "ByLiveKitName", err)
	})
	try(t, open, "LiveRoomsAreThoseToBeLookedAfter", func(t *testing.T, f *Fixtures) {
		var want []conference.Room
		for _, status := range []conference.RoomStatus{conference.Open, conference.InProgress, conference.Closed} {
			for _, sid := range []string{"", "RM_x"} {
				for _, agent := range []conference.AgentStatus{
					"", conference.AgentRequested, conference.AgentDispatched, conference.AgentJoined, conference.AgentLeft, conference.AgentFailed,
				} {
					v := f.NewRoom(0)
					v.Status, v.LiveKitSID, v.Agent.Status = status, sid, agent
					if v = ok[conference.Room](t, "create")(f.Rooms.Create(t.Context(), v)); v.IsLive() {
						want = append(want, v)
					}
				}
			}
		}
		live := func(after conference.RoomID, limit int) []conference.Room {
			return ok[[]conference.Room](t, "live")(f.Rooms.Live(t.Context(), after, limit))
		}
		wantSame(t, "the live rooms", live(0, 100), want)
		wantSame(t, "the first two", live(0, 2), want[:2])
		wantSame(t, "those after them", live(want[1].ID, 100), want[2:])
		closed := ok[conference.Room](t, "close")(f.Rooms.Update(t.Context(), identity.AllEntities(), want[0].ID, func(v *conference.Room) error {
			v.Close(conference.ClosedByRequest, f.Now())
			return nil
		}))
		wantSame(t, "without one that was closed", live(0, 1), want[1:2])
		wantSame(t, "after the last", live(max(closed.ID, want[len(want)-1].ID), 1), nil)
		_, err := f.Rooms.Live(cancelled(t), 0, 1)
		wantCancelled(t, "Live", err)
	})
	try(t, open, "UnknownProfessionalOfAnUpdateIsInvalid", func(t *testing.T, f *Fixtures) {
		room := f.Room(f.Entity().ID)
		_, err := f.Rooms.Update(t.Context(), identity.AllEntities(), room.ID, func(v *conference.Room) error {
			v.ProfessionalID = nowhere
			return nil
		})
		wantError(t, "Update", err, errs.Invalid, "unknown-reference")
		wantSame(t, "the room", ok[conference.Room](t, "get")(f.Rooms.Get(t.Context(), identity.AllEntities(), room.ID)), room)
	})
}

// zeroFields are the fields, also of structs in it, that have no value.
func zeroFields(v reflect.Value, path string) []string {
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
		if v.IsZero() {
			return []string{path}
		}
		return nil
	}
	var zero []string
	for i := range v.NumField() {
		zero = append(zero, zeroFields(v.Field(i), path+"."+v.Type().Field(i).Name)...)
	}
	return zero
}

func testRoomParticipants(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	everyone := identity.AllEntities()
	links := func(t *testing.T, f *Fixtures, scope identity.Scope, room conference.RoomID) []conference.RoomParticipant {
		t.Helper()
		return ok[page.Page[conference.RoomParticipant]](t, "list")(f.RoomParticipants.List(t.Context(), scope, room, page.Request{})).Items
	}
	fill := func(f *Fixtures, room conference.Room, count int) []conference.RoomParticipant {
		rows := make([]conference.RoomParticipant, count)
		for i := range rows {
			rows[i] = store(f, f.RoomParticipants.Create, f.NewRoomParticipant(room))
		}
		return rows
	}
	const absent = "room-participant-not-found"

	try(t, open, "WhatIsCreatedComesBackUntilItIsDeleted", func(t *testing.T, f *Fixtures) {
		room := f.Room(f.Entity().ID)
		want := f.NewRoomParticipant(room)
		got := store(f, f.RoomParticipants.Create, want)
		want.ID = got.ID
		wantSame(t, "what Create returned", got, want)
		wantSame(t, "what List returned", links(t, f, everyone, room.ID), []conference.RoomParticipant{want})
		change := func(v *conference.RoomParticipant) error {
			v.Context, v.UpdatedAt = `{"seat":2}`, f.Now().Add(time.Hour)
			return nil
		}
		okay(t, "change", change(&want))
		scope := identity.OnlyEntity(room.EntityID)
		got = ok[conference.RoomParticipant](t, "update")(f.RoomParticipants.Update(t.Context(), scope, room.ID, want.ParticipantID, change))
		wantSame(t, "what Update returned", got, want)
		got = ok[conference.RoomParticipant](t, "get")(f.RoomParticipants.Get(t.Context(), scope, room.ID, want.ParticipantID))
		wantSame(t, "what Get returned", got, want)
		wantSame(t, "what List returned after", links(t, f, scope, room.ID), []conference.RoomParticipant{want})
		okay(t, "delete", f.RoomParticipants.Delete(t.Context(), scope, room.ID, want.ParticipantID))
		wantSame(t, "the links after", links(t, f, everyone, room.ID), nil)
		err := f.RoomParticipants.Delete(t.Context(), scope, room.ID, want.ParticipantID)
		wantError(t, "Delete again", err, errs.NotFound, absent)
		_, err = f.RoomParticipants.Update(t.Context(), scope, room.ID, want.ParticipantID, change)
		wantError(t, "Update after", err, errs.NotFound, absent)
		again := store(f, f.RoomParticipants.Create, want)
		wantSame(t, "the links of one who came back", links(t, f, everyone, room.ID), []conference.RoomParticipant{again})
	})
	try(t, open, "ErrorOfChangeComesBackAndNothingIsSaved", func(t *testing.T, f *Fixtures) {
		room := f.Room(f.Entity().ID)
		want := fill(f, room, 1)
		_, err := f.RoomParticipants.Update(t.Context(), everyone, room.ID, want[0].ParticipantID, func(v *conference.RoomParticipant) error {
			v.Context = `{"lost":true}`
			return errs.New(errs.Conflict, "of-the-domain", "no")
		})
		wantError(t, "Update", err, errs.Conflict, "of-the-domain")
		wantSame(t, "the links", links(t, f, everyone, room.ID), want)
	})
	try(t, open, "AParticipantIsInARoomOnce", func(t *testing.T, f *Fixtures) {
		first, second := f.Room(0), f.Room(0)
		link := f.NewRoomParticipant(first)
		race(t, "already-in-room", func(int) error {
			_, err := f.RoomParticipants.Create(t.Context(), link)
			return err
		})
		link.RoomID = second.ID
		store(f, f.RoomParticipants.Create, link)
	})
	try(t, open, "UnknownReferenceIsInvalid", func(t *testing.T, f *Fixtures) {
		room := f.Room(0)
		for _, point := range []func(*conference.RoomParticipant){
			func(v *conference.RoomParticipant) { v.RoomID = nowhere },
			func(v *conference.RoomParticipant) { v.ParticipantID = nowhere },
		} {
			link := f.NewRoomParticipant(room)
			point(&link)
			_, err := f.RoomParticipants.Create(t.Context(), link)
			wantError(t, "Create", err, errs.Invalid, "unknown-reference")
		}
		wantSame(t, "the links", links(t, f, everyone, room.ID), nil)
	})
	try(t, open, "AnotherTenantsLinksAreNotThere", func(t *testing.T, f *Fixtures) {
		a, b := f.Entity().ID, f.Entity().ID
		theirs, platforms := f.Room(b), f.Room(0)
		for _, hidden := range [][]conference.RoomParticipant{fill(f, theirs, 2), fill(f, platforms, 2)} {
			room, who := hidden[0].RoomID, hidden[0].ParticipantID
			for _, scope := range []identity.Scope{identity.OnlyEntity(a), identity.OnlyEntity(0), {}} {
				wantSame(t, "the hidden links", links(t, f, scope, room), nil)
				_, err := f.RoomParticipants.Get(t.Context(), scope, room, who)
				wantError(t, "Get", err, errs.NotFound, absent)
				wantError(t, "Delete", f.RoomParticipants.Delete(t.Context(), scope, room, who), errs.NotFound, absent)
				_, err = f.RoomParticipants.Update(t.Context(), scope, room, who, func(*conference.RoomParticipant) error { return nil })
				wantError(t, "Update", err, errs.NotFound, absent)
			}
			wantSame(t, "the links", links(t, f, everyone, room), hidden)
		}
	})
	try(t, open, "PagesAreStableUnderRemoval", func(t *testing.T, f *Fixtures) {
		room, other := f.Room(0), f.Room(0)
		want := fill(f, room, 6)
		fill(f, other, 2)
		list := func(req page.Request) (page.Page[conference.RoomParticipant], error) {
			return f.RoomParticipants.List(t.Context(), everyone, room.ID, req)
		}
		for _, limit := range []int{1, 2, 6, 7} {
			wantWalk(t, list, limit, want)
		}
		first := ok[page.Page[conference.RoomParticipant]](t, "the first page")(list(page.Request{Limit: 3}))
		for _, gone := range []int{1, 2, 3} { // among them the row that the cursor was made of
			okay(t, "delete", f.RoomParticipants.Delete(t.Context(), everyone, room.ID, want[gone].ParticipantID))
		}
		rest := ok[page.Page[conference.RoomParticipant]](t, "the second page")(list(page.Request{Limit: 3, Cursor: first.NextCursor}))
		wantSame(t, "the second page", rest, page.Page[conference.RoomParticipant]{Items: want[4:]})
		_, err := f.RoomParticipants.List(t.Context(), everyone, other.ID, page.Request{Cursor: first.NextCursor})
		wantError(t, "another room's cursor", err, errs.Invalid, "invalid-cursor")
		_, err = list(page.Request{Limit: page.MaxLimit + 1})
		wantError(t, "a bad limit", err, errs.Invalid, "invalid-limit")
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		room, ctx := f.Room(0), cancelled(t)
		want := fill(f, room, 1)
		_, err := f.RoomParticipants.Create(ctx, f.NewRoomParticipant(room))
		wantCancelled(t, "Create", err)
		_, err = f.RoomParticipants.Get(ctx, everyone, room.ID, want[0].ParticipantID)
		wantCancelled(t, "Get", err)
		_, err = f.RoomParticipants.List(ctx, everyone, room.ID, page.Request{})
		wantCancelled(t, "List", err)
		wantCancelled(t, "Delete", f.RoomParticipants.Delete(ctx, everyone, room.ID, want[0].ParticipantID))
		_, err = f.RoomParticipants.Update(ctx, everyone, room.ID, want[0].ParticipantID, func(*conference.RoomParticipant) error { return nil })
		wantCancelled(t, "Update", err)
		wantSame(t, "the links", links(t, f, everyone, room.ID), want)
	})
}
