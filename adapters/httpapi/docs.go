package httpapi

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"
	"github.com/swaggest/swgui/v5/static"
)

// docsPage loads everything from the service itself: it works without internet, and leaks to nobody who reads it.
const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>secretary API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const docsScript = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false
});
`

// docsPolicy lets the page use this service only. Swagger UI sets styles in elements and draws with data: images.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// serveDocs serves the OpenAPI document and the pages that show it. The document is made when first asked for.
func (s *server) serveDocs(router chi.Router) {
	document := func(kind string, build func() ([]byte, error)) http.HandlerFunc {
		made := sync.OnceValues(build)
		return func(w http.ResponseWriter, r *http.Request) {
			body, err := made()
			if err != nil {
				writeProblem(w, s.problem(r.Context(), err))
				return
			}
			serveBytes(w, "application/openapi+"+kind, body)
		}
	}
	router.Get("/openapi.json", document("json", s.api.OpenAPI().MarshalJSON))
	router.Get("/openapi.yaml", document("yaml", s.api.OpenAPI().YAML))
	router.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/docs", http.StatusFound) })
	router.Get("/docs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		serveBytes(w, "text/html; charset=utf-8", []byte(docsPage))
	})
	router.Get("/docs/start.js", func(w http.ResponseWriter, _ *http.Request) {
		serveBytes(w, "text/javascript; charset=utf-8", []byte(docsScript))
	})
	router.Get("/docs/{asset}", s.docsAsset)
}

// docsAsset serves a file of Swagger UI. The files are embedded compressed, and most browsers take them as they are.
func (s *server) docsAsset(w http.ResponseWriter, r *http.Request) {
	name := chi.URLParam(r, "asset")
	if file, err := static.FS.ReadFile(name); err == nil && path.Ext(name) != ".gz" {
		serveAsset(w, name, file)
		return
	}
	packed, err := static.FS.ReadFile(name + ".gz")
	if err != nil {
		s.routeNotFound(w, r)
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		serveAsset(w, name, packed)
		return
	}
	unpacked, err := unpack(packed)
	if err != nil {
		writeProblem(w, s.problem(r.Context(), fmt.Errorf("asset %s: %w", name, err)))
		return
	}
	serveAsset(w, name, unpacked)
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func serveAsset(w http.ResponseWriter, name string, body []byte) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	serveBytes(w, mime.TypeByExtension(path.Ext(name)), body)
}

func serveBytes(w http.ResponseWriter, media string, body []byte) {
	w.Header().Set("Content-Type", media)
	_, _ = w.Write(body) //nolint:gosec // the bytes are a file of the binary, not the request's
}
