package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// scrape returns what /metrics says.
func (s *server) scrape(t *testing.T) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := testClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("/metrics answers %d, %v", resp.StatusCode, err)
	}
	return string(body)
}

func wantMetrics(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !strings.Contains(got, line) {
			t.Errorf("/metrics does not have %q:\n%s", line, got)
		}
	}
}

func TestMetricsTellOfRequestsByTheirRoutes(t *testing.T) {
	t.Parallel()
	s := startServe(t, demoEnv())
	c, _ := s.login(t)
	if _, err := list[created](t.Context(), c, "/v1/entities"); err != nil {
		t.Fatal(err)
	}
	_, _ = list[created](t.Context(), c, "/v1/entities/98765")
	_, _ = list[created](t.Context(), c, "/nowhere/98765")
	got := s.scrape(t)
	wantMetrics(t, got,
		`secretary_http_requests_total{method="GET",route="/v1/entities",status="200"} `,
		`secretary_http_requests_total{method="GET",route="/v1/entities/{id}",status="422"} 1`,
		`secretary_http_requests_total{method="GET",route="none",status="404"} 1`,
		`secretary_http_request_duration_seconds_count{method="POST",route="/v1/auth/login"} `,
		`secretary_cache_requests_total{cache="users",result="hit"} `,
		"secretary_bus_confirmed_age_seconds ", "go_goroutines ", "process_cpu_seconds_total ")
	if strings.Contains(got, "98765") {
		t.Errorf("/metrics has a path in it:\n%s", got)
	}
}

func TestTheCacheSavesReadsOfWhoAsks(t *testing.T) {
	t.Parallel()
	for name, env := range map[string][]string{
		"in the process": {"SECRETARY_CACHE", "memory"},
		"in Redis":       {"REDIS_URL", os.Getenv("SECRETARY_TEST_REDIS_URL")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if env[1] == "" {
				t.Skip("SECRETARY_TEST_REDIS_URL names no server")
			}
			s := startServe(t, demoEnv(env...))
			c, _ := s.login(t)
			for range 200 {
				if _, err := list[created](t.Context(), c, "/v1/entities"); err != nil {
					t.Fatal(err)
				}
			}
			got := s.scrape(t)
			if strings.Contains(got, `secretary_cache_requests_total{cache="users",result="hit"} 0`) {
				t.Errorf("no user was found in the cache:\n%s", got)
			}
			if name == "in Redis" {
				wantMetrics(t, got, "secretary_redis_up ")
			}
		})
	}
}

func TestWithoutRedisTheServiceWorksAndSaysSo(t *testing.T) {
	t.Parallel()
	s := startServe(t, demoEnv("REDIS_URL", "redis://:hunter2@127.0.0.1:1/0"))
	c, _ := s.login(t)
	if _, err := list[created](t.Context(), c, "/v1/entities"); err != nil {
		t.Errorf("without Redis: %v", err)
	}
	wantMetrics(t, s.scrape(t), "secretary_redis_up 0", `secretary_cache_requests_total{cache="users",result="bypass"} `)
	if said := s.stderr.String(); strings.Count(said, "Redis is away") != 1 || strings.Contains(said, "hunter2") {
		t.Errorf("want one line saying that Redis is away, without the password:\n%s", said)
	}
}

func TestTheCacheIsChosen(t *testing.T) {
	t.Parallel()
	const url = "redis://localhost"
	for _, c := range []struct{ cache, url, want string }{
		{"", "", "memory"}, {"", url, "redis"}, {"off", url, "off"}, {"memory", url, "memory"}, {"redis", url, "redis"}, {"off", "", "off"},
	} {
		got, err := load(t, map[string]string{"SECRETARY_CACHE": c.cache, "REDIS_URL": c.url})
		if err != nil || got.Cache != c.want {
			t.Errorf("SECRETARY_CACHE=%q REDIS_URL=%q: %q, %v, want %q", c.cache, c.url, got.Cache, err, c.want)
		}
	}
	if _, err := load(t, map[string]string{"SECRETARY_CACHE": "redis"}); err == nil || !strings.Contains(err.Error(), "REDIS_URL: must be set") {
		t.Errorf("redis without REDIS_URL: error %v", err)
	}
}
