package pgtest

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/secretary-api/secretary/migrations"
)

// templateName names the template after everything that it is made of: the migrations, those of the job queue, and the
// month, because the migrations make partitions for the months around the current one.
func templateName(now time.Time) (string, error) {
	content := sha256.New()
	names, err := fs.Glob(migrations.FS, "*")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		file, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(content, "%s %d\n%s", name, len(file), file)
	}
	queue, err := rivermigrate.New[pgx.Tx](riverpgxv5.New(nil), nil)
	if err != nil {
		return "", err
	}
	for _, v := range queue.AllVersions() {
		fmt.Fprintf(content, "%d %s\n%s", v.Version, v.Name, v.SQLUp)
	}
	return fmt.Sprintf("%s%x_%s", templatePrefix, content.Sum(nil)[:6], now.UTC().Format("200601")), nil
}
