package db_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

// releasedSchemas are the newest migrations of the releases in CHANGELOG.md. While a new version is rolled out, the processes of the
// one before run on the new schema; so what it reads and writes must stay. "unreleased" stands for what is taken to be in use
// before the first release.
func releasedSchemas() map[string]int64 {
	return map[string]int64{"unreleased": 11}
}

// firstSchema is the oldest of them.
func firstSchema() int64 { return slices.Min(slices.Collect(maps.Values(releasedSchemas()))) }

// latestSchema is that of the version which is in use when this one is rolled out.
func latestSchema() int64 { return slices.Max(slices.Collect(maps.Values(releasedSchemas()))) }

func TestEachReleaseNamesItsSchema(t *testing.T) {
	t.Parallel()

	changes, err := os.ReadFile(filepath.Join("..", "CHANGELOG.md"))
	require.NoError(t, err)

	schemas := releasedSchemas()
	for _, heading := range regexp.MustCompile(`(?m)^## \[?([0-9][^] \n]*)`).FindAllStringSubmatch(string(changes), -1) {
		require.Contains(t, schemas, heading[1], "the number of the newest migration of a release")
	}
}

// unmigrated is the address of an empty database.
func unmigrated(t *testing.T, engine dbtest.Engine) string {
	t.Helper()

	if engine == dbtest.EnginePostgres {
		return emptied(t, dbtest.Postgres(t))
	}

	return "sqlite://" + filepath.Join(t.TempDir(), "genio.db")
}

// pool opens a database for what the store has no words for.
func pool(t *testing.T, engine dbtest.Engine, url string) *sql.DB {
	t.Helper()

	driver, source := "pgx", url
	if engine == dbtest.EngineSQLite {
		driver, source = "sqlite", strings.TrimPrefix(url, "sqlite://")
	}

	opened, err := sql.Open(driver, source)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })

	return opened
}

// column is what a statement of the version before relies on.
type column struct {
	kind      string
	nullable  bool
	defaulted bool
}

const (
	postgresShapes = `SELECT table_name || '.' || column_name, data_type, is_nullable = 'YES', column_default IS NOT NULL
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`
	sqliteShapes = `SELECT m.name || '.' || c.name, c.type, c."notnull" = 0, c.dflt_value IS NOT NULL
		FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'`
)

func shapes(t *testing.T, engine dbtest.Engine, url string) map[string]column {
	t.Helper()

	query := postgresShapes
	if engine == dbtest.EngineSQLite {
		query = sqliteShapes
	}

	rows, err := pool(t, engine, url).QueryContext(t.Context(), query)
	require.NoError(t, err)

	defer func() { require.NoError(t, rows.Close()) }()

	found := make(map[string]column)

	for rows.Next() {
		var (
			name string
			one  column
		)

		require.NoError(t, rows.Scan(&name, &one.kind, &one.nullable, &one.defaulted))
		found[name] = one
	}

	require.NoError(t, rows.Err())

	return found
}

// narrowed says what of a column a statement of before would miss; empty: nothing.
func narrowed(was, is column, kept bool) string {
	switch {
	case !kept:
		return " is gone"
	case is.kind != was.kind:
		return " is a " + is.kind + " and was a " + was.kind
	case was.nullable && !is.nullable:
		return " takes no NULL any more"
	case was.defaulted && !is.defaulted && !is.nullable:
		return " has no default any more"
	default:
		return ""
	}
}

// incompatible lists what of a schema would break statements of the version that was made for another one.
func incompatible(before, after map[string]column) []string {
	var told []string

	tables := make(map[string]bool)
	for name := range before {
		tables[tableOf(name)] = true
	}

	for name, was := range before {
		is, kept := after[name]
		if why := narrowed(was, is, kept); why != "" {
			told = append(told, name+why)
		}
	}

	for name, is := range after {
		if _, was := before[name]; !was && tables[tableOf(name)] && !is.nullable && !is.defaulted {
			told = append(told, name+" is new and must be given")
		}
	}

	return told
}

func tableOf(name string) string {
	table, _, _ := strings.Cut(name, ".")

	return table
}

// The processes of the latest release go on while the database is migrated for this version. What a marked migration takes
// away they have not needed: it has to name a release.
func TestLatestReleaseRunsOnTheNewSchema(t *testing.T) {
	t.Parallel()

	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		url := unmigrated(t, engine)
		require.NoError(t, db.MigrateTo(t.Context(), url, latestSchema()))
		before := shapes(t, engine, url)
		require.NotEmpty(t, before)

		for _, migration := range newMigrations(t, string(engine)) {
			for _, gone := range contracted(migration) {
				delete(before, gone)
			}
		}

		require.NoError(t, db.Migrate(t.Context(), url))
		require.Empty(t, incompatible(before, shapes(t, engine, url)))
	})
}

// newMigrations are those of a dialect that came after the first release, by file.
func newMigrations(t *testing.T, dialect string) map[string]string {
	t.Helper()

	files, err := fs.Glob(db.Migrations(), "migrations/"+dialect+"/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)

	found := make(map[string]string)

	for _, file := range files {
		number, _, _ := strings.Cut(path.Base(file), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		require.NoError(t, err)

		if version <= firstSchema() {
			continue
		}

		content, err := fs.ReadFile(db.Migrations(), file)
		require.NoError(t, err)

		found[file] = string(content)
	}

	return found
}

func TestIncompatibleSchemasAreNoticed(t *testing.T) {
	t.Parallel()

	id, name, state := column{kind: "uuid"}, column{kind: "text", nullable: true}, column{kind: "text", defaulted: true}
	text := column{kind: "text"}
	before := map[string]column{"enti.id": id, "enti.name": name, "enti.state": state}

	for want, after := range map[string]map[string]column{
		"enti.name is gone":                   {"enti.id": id, "enti.state": state},
		"enti.name takes no NULL any more":    {"enti.id": id, "enti.name": text, "enti.state": state},
		"enti.state has no default any more":  {"enti.id": id, "enti.name": name, "enti.state": text},
		"enti.id is a bigint and was a uuid":  {"enti.id": {kind: "bigint"}, "enti.name": name, "enti.state": state},
		"enti.added is new and must be given": {"enti.id": id, "enti.name": name, "enti.state": state, "enti.added": text},
	} {
		require.Equal(t, []string{want}, incompatible(before, after))
	}

	require.Empty(t, incompatible(before, map[string]column{
		"enti.id": id, "enti.name": name, "enti.state": state, "enti.added": state, "enti.noted": name, "new.id": text,
	}))
}

// destructive is what a version that still runs may not survive.
func destructive() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"takes a column away":  regexp.MustCompile(`(?i)\bdrop\s+column\b`),
		"takes a table away":   regexp.MustCompile(`(?i)\bdrop\s+table\b`),
		"gives another name":   regexp.MustCompile(`(?i)\brename\s+(to|column|constraint)?`),
		"takes NULL away":      regexp.MustCompile(`(?i)\bset\s+not\s+null\b`),
		"changes a type":       regexp.MustCompile(`(?i)\balter\s+(column\s+)?\S+\s+(set\s+data\s+)?type\b`),
		"takes a default away": regexp.MustCompile(`(?i)\bdrop\s+default\b`),
		"adds a column that must be given": regexp.MustCompile(
			`(?is)\badd\s+column\s+(if\s+not\s+exists\s+)?\S+\s+\S+\s+not\s+null\s*(check\b[^;]*|references\b[^;]*)?;`),
		"narrows what rows may hold": regexp.MustCompile(`(?i)\badd\s+constraint\b`),
	}
}

// Marks stand right above a statement: what it takes away has not been needed since a release, or why no version in use minds.
//

var (
	contract   = regexp.MustCompile(`(?m)^-- contract: not used since version (\S+)$`)
	compatible = regexp.MustCompile(`(?m)^-- compatible: \S+ .*$`)
	comment    = regexp.MustCompile(`(?m)--.*$`)
	statements = regexp.MustCompile(`(?s)[^;]+;`)
	dropped    = regexp.MustCompile(`(?i)alter\s+table\s+(\S+)\s+drop\s+column\s+([^\s;]+)`)
)

func statementsOf(migration string) []string {
	up, _, _ := strings.Cut(migration, "-- +goose Down")

	return statements.FindAllString(up, -1)
}

// contracted are the columns that marked statements take away.
func contracted(migration string) []string {
	var gone []string

	for _, statement := range statementsOf(migration) {
		if mark := contract.FindStringSubmatch(statement); len(mark) > 1 && releasedSchemas()[mark[1]] != 0 {
			for _, column := range dropped.FindAllStringSubmatch(comment.ReplaceAllString(statement, ""), -1) {
				gone = append(gone, column[1]+"."+column[2])
			}
		}
	}

	return gone
}

// destroys lists what the statements of a migration break, but for those right below a mark.
func destroys(migration string) []string {
	var told []string

	for _, statement := range statementsOf(migration) {
		if contract.MatchString(statement) || compatible.MatchString(statement) {
			continue
		}

		bare := comment.ReplaceAllString(statement, "")

		for what, pattern := range destructive() {
			if pattern.MatchString(bare) {
				told = append(told, what)
			}
		}
	}

	return told
}

// From the first release on, migrations add; they take away only what no version in use needs any more, and say so.
func TestMigrationsDestroyNothing(t *testing.T) {
	t.Parallel()

	for _, dialect := range []string{"postgres", "sqlite"} {
		for file, migration := range newMigrations(t, dialect) {
			require.Empty(t, destroys(migration), "%s: expand first, and contract once no version in use needs it "+
				"(-- contract: not used since version X), or say why no version minds (-- compatible: REASON)", file)
		}
	}
}

func TestWhatIsContractedIsKnown(t *testing.T) {
	t.Parallel()

	statement := "\nALTER TABLE enti\n    DROP COLUMN name;"
	require.Equal(t, []string{"enti.name"}, contracted("-- contract: not used since version unreleased"+statement))
	require.Empty(t, contracted("-- contract: not used since version 0.0.1"+statement), "no such release")
	require.Empty(t, contracted(statement))
}

func TestDestructiveMigrationsAreNoticed(t *testing.T) {
	t.Parallel()

	for statement, want := range map[string][]string{
		"ALTER TABLE enti DROP COLUMN name;":                                                       {"takes a column away"},
		"DROP TABLE enti;":                                                                         {"takes a table away"},
		"ALTER TABLE enti RENAME COLUMN name TO title;":                                            {"gives another name"},
		"ALTER TABLE enti RENAME TO bodies;":                                                       {"gives another name"},
		"ALTER TABLE enti ALTER COLUMN name SET NOT NULL;":                                         {"takes NULL away"},
		"ALTER TABLE enti ALTER COLUMN name TYPE varchar(10);":                                     {"changes a type"},
		"ALTER TABLE enti ALTER COLUMN name DROP DEFAULT;":                                         {"takes a default away"},
		"ALTER TABLE enti ADD COLUMN state text NOT NULL;":                                         {"adds a column that must be given"},
		"ALTER TABLE enti ADD COLUMN state text NOT NULL CHECK (state IN ('a'));":                  {"adds a column that must be given"},
		"ALTER TABLE enti ADD CONSTRAINT short CHECK (length(name) < 10);":                         {"narrows what rows may hold"},
		"ALTER TABLE enti ADD COLUMN state text NOT NULL DEFAULT 'active';":                        nil,
		"ALTER TABLE enti ADD COLUMN state text;":                                                  nil,
		"CREATE TABLE new (name text NOT NULL);":                                                   nil,
		"-- DROP TABLE is only spoken of.\nCREATE INDEX enti_name ON enti (name);":                 nil,
		"-- contract: not used since version 1.2.0\nALTER TABLE enti DROP COLUMN name;":            nil,
		"-- compatible: it allows one state more\nALTER TABLE enti ADD CONSTRAINT s CHECK (true);": nil,
		"CREATE TABLE a (b text);\n-- +goose Down\nDROP TABLE a;":                                  nil,
	} {
		require.Equal(t, want, destroys("-- +goose Up\n"+statement), statement)
	}
}

// A database that has been migrated for a newer version serves this one, too: it is the older one of a roll-out.
func TestNewerSchemaIsAccepted(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		url := dbtest.URL(t, engine)
		store := dbtest.OpenWith(t, db.Config{URL: url})

		needed, err := store.SchemaVersion(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, needed, firstSchema())

		require.NoError(t, store.ORM().Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, TRUE)", needed+1).Error)

		newer := dbtest.OpenWith(t, db.Config{URL: url})
		version, err := newer.SchemaVersion(t.Context())
		require.NoError(t, err)
		require.Equal(t, needed+1, version)
	})
}

// Accounts of before memberships keep what they may do.
func TestAccountsBecomeMembers(t *testing.T) {
	t.Parallel()

	const beforeMemberships = 4

	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		url := unmigrated(t, engine)
		require.NoError(t, db.MigrateTo(t.Context(), url, beforeMemberships))

		old := pool(t, engine, url)
		enteID, began := newID(t), moment(0).Format(time.RFC3339)
		insert := func(statement string, values ...any) {
			quoted := make([]any, len(values))
			for i, value := range values {
				quoted[i] = "'" + fmt.Sprint(value) + "'"
			}

			_, err := old.ExecContext(t.Context(), fmt.Sprintf(statement, quoted...))
			require.NoError(t, err)
		}

		insert("INSERT INTO enti (id, name, fiscal_code, active, created_at) VALUES (%s, 'Comune di Prova', '00000000001', TRUE, %s)",
			enteID, began)

		within, across := newID(t), newID(t)
		insert(`INSERT INTO users (id, email, name, password_hash, role, ente_id, active, created_at)
			VALUES (%s, 'a@prova.example', 'Prova Uno', 'hash', 'operator', %s, TRUE, %s)`, within, enteID, began)
		insert(`INSERT INTO users (id, email, name, password_hash, role, ente_id, active, created_at)
			VALUES (%s, 'b@prova.example', 'Prova Due', 'hash', 'system_administrator', NULL, TRUE, %s)`, across, began)

		require.NoError(t, db.Migrate(t.Context(), url))
		store := dbtest.OpenWith(t, db.Config{URL: url})

		for userID, want := range map[string]db.Membership{
			within: {Role: "operator", EnteID: enteID}, across: {Role: "system_administrator"},
		} {
			members, err := store.Memberships(t.Context(), userID)
			require.NoError(t, err)
			require.Len(t, members, 1)
			require.Equal(t, want.Role, members[0].Role)
			require.Equal(t, want.EnteID, members[0].EnteID)
		}
	})
}
