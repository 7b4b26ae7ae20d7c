// Package googlecalendar reads and writes calendars with the Google Calendar API v3, and lets the owner of a Google account
// connect it by OAuth 2.0: [Client] is all of that.
//
// Every clinic has an account of its own, so the clinic is in no request: which account is asked, and so which calendars
// there are, follows from the clinic's refresh token. Google never refuses an event because another overlaps it, and it
// may have written what it did not answer to. So an event has an id that follows from its appointment, a write may be
// repeated, and what else stands under the id is read before it is changed.
//
// What takes time: everything between its start and its end, all-day events by the days of the calendar's time zone, out of
// office and focus time too. Nothing is taken by what is shown as free and by what the calendar's owner has declined, except
// in a calendar that blocks all. Birthdays and where somebody works are not events of an agenda, and are left out
// everywhere.
package googlecalendar
