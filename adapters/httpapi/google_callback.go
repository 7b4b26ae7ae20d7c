package httpapi

import (
	"bytes"
	"errors"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
)

// GoogleCallback is where Google sends a browser back to after its owner has answered.
const GoogleCallback = "/v1/google/callback"

// callbackPolicy lets the page show its own style and nothing else.
const callbackPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// callbackPage is read by whoever owns the account, in a browser, in either language.
//
//nolint:gochecknoglobals // a compiled pattern
var callbackPage = template.Must(template.New("callback").Parse(`<!DOCTYPE html>
<html lang="pt-BR">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Google Calendar</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}</style></head>
<body>
<h1>{{.Title}}</h1>
<p>{{.Portuguese}}</p>
<p lang="en">{{.English}}</p>
</body>
</html>
`))

type callbackText struct{ Title, Portuguese, English string }

// serveGoogleCallback takes the answer of a Google account's owner. It is for browsers, so it is no part of the OpenAPI
// document. Nobody is logged in: the state is the authority.
func (s *server) serveGoogleCallback(router chi.Router) {
	router.Get(GoogleCallback, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		got, err := s.CalendarAccounts.Finish(r.Context(), q.Get("state"), q.Get("code"), q.Get("error"))
		status, text := http.StatusOK, connectedText(got)
		if err != nil {
			p := s.problem(r.Context(), err)
			status, text = p.Status, refusedText(err)
			s.log.WarnContext(r.Context(), "a Google account was not connected", slog.String("code", errs.CodeOf(err)))
		}
		var page bytes.Buffer
		if err := callbackPage.Execute(&page, text); err != nil {
			writeProblem(w, s.problem(r.Context(), err))
			return
		}
		w.Header().Set("Content-Security-Policy", callbackPolicy)
		w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the code
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write(page.Bytes())
	})
}

func connectedText(c service.Connected) callbackText {
	return callbackText{
		"Conta conectada",
		"A agenda de " + c.ClinicName + " agora usa a conta Google " + c.Account + ". Esta página pode ser fechada.",
		"The calendars of " + c.ClinicName + " are now with the Google account " + c.Account + ". You may close this page.",
	}
}

// refusedText says what went wrong and what to do; of the error itself it shows nothing.
func refusedText(err error) callbackText {
	t := callbackText{Title: "A conta não foi conectada"}
	e, _ := errors.AsType[*errs.Error](err)
	if e == nil {
		e = &errs.Error{}
	}
	switch {
	case e.Code == "consent-expired":
		t.Portuguese = "Este link não é válido, ou já passou da hora. Comece de novo no sistema da clínica."
		t.English = "This link is not valid, or not any more. Begin again in the clinic's system."
	case e.Code == "consent-refused":
		t.Portuguese = "O Google não deu acesso às agendas. Comece de novo e aceite todas as permissões pedidas."
		t.English = "Google did not give access to the calendars. Begin again, and accept every permission that is asked for."
	case e.Kind == errs.Unavailable:
		t.Portuguese = "O serviço não está disponível no momento. Tente de novo em alguns minutos."
		t.English = "The service is not available at the moment. Try again in some minutes."
	case e.Kind == errs.Forbidden, e.Kind == errs.NotFound, e.Kind == errs.Conflict:
		t.Portuguese = "Quem começou esta conexão não pode mais conectar esta clínica."
		t.English = "Whoever began this may not connect this clinic any more."
	default:
		t.Portuguese = "Algo deu errado do nosso lado. Tente de novo em alguns minutos."
		t.English = "Something went wrong on our side. Try again in some minutes."
	}
	return t
}
