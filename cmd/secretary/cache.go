package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/secretary-api/secretary/adapters/cached"
	"github.com/secretary-api/secretary/adapters/redis"
)

// keepCopies has the store's records kept where the configuration says. close, of the store, ends that too.
func (s *store) keepCopies(cfg Config, m *metrics, log *slog.Logger) error {
	var shared *redis.Cache
	options := cached.Options{Count: m.cacheRequest}
	switch cfg.Cache {
	case cacheMemory:
	case cacheRedis:
		key := []byte(cfg.SigningKey.reveal())
		if len(key) == 0 {
			key = []byte(rand.Text() + rand.Text())
			log.Info("SECRETARY_SIGNING_KEY is not set: this process shares no cache with others")
		}
		namespace, err := s.namespace(cfg)
		if err != nil {
			return err
		}
		shared, err = redis.NewCache(redis.Options{
			URL: cfg.RedisURL.reveal(), Key: key, Namespace: namespace, Log: log, Failed: m.cacheError,
		})
		if err != nil {
			return fmt.Errorf("open the cache: %w", err)
		}
		options.Shared = shared
		m.watchRedis(shared.Up)
	default:
		return nil
	}
	wrapped := cached.Wrap(s.repositories, s.tx, s.bus, options)
	s.repositories, s.tx = wrapped.Repositories(), wrapped
	closeStore := s.close
	s.close = func() {
		wrapped.Close()
		if shared != nil {
			shared.Close()
		}
		closeStore()
	}
	return nil
}

// namespace tells stores apart whose copies meet in one Redis. What is kept in memory is this process's alone.
func (s *store) namespace(cfg Config) (string, error) {
	if !s.durable {
		return rand.Text(), nil
	}
	database, err := pgconn.ParseConfig(cfg.DatabaseURL.reveal())
	if err != nil { // the store was opened with it
		return "", fmt.Errorf("read the address of the database: %w", err)
	}
	return net.JoinHostPort(database.Host, strconv.Itoa(int(database.Port))) + "/" + database.Database, nil
}
