// Package deployment checks the files with which GeNIO is installed, by the library that docker compose itself reads them with.
package deployment_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// root is the repository's folder.
const root = "../.."

// TestEveryServiceIsCareful holds docker-compose.yml to what its first lines promise.
func TestEveryServiceIsCareful(t *testing.T) {
	t.Parallel()

	for name, service := range project(t).Services {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			require.Regexp(t, `:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$`, service.Image, "the image has to be pinned to a version")
			require.True(t, service.ReadOnly, "the file system has to be read-only")
			require.Equal(t, []string{"ALL"}, service.CapDrop)
			require.Contains(t, service.SecurityOpt, "no-new-privileges:true")
			require.False(t, service.Privileged)
			require.NotContains(t, []string{"root", "0", "0:0"}, service.User)
			require.NotNil(t, service.Deploy)
			require.NotNil(t, service.Deploy.Resources.Limits)
			require.Positive(t, service.Deploy.Resources.Limits.MemoryBytes)
			require.Positive(t, service.Deploy.Resources.Limits.NanoCPUs)

			if service.Restart == types.RestartPolicyUnlessStopped {
				require.NotNil(t, service.HealthCheck, "what runs all the time has to be watched")
			} else {
				require.Regexp(t, "^on-failure:", service.Restart, "a job ends")
			}
		})
	}
}

// TestPasswordsComeFromFiles finds whatever looks like a secret in an environment.
func TestPasswordsComeFromFiles(t *testing.T) {
	t.Parallel()

	secret := regexp.MustCompile(`(?i)(password|token|secret|pwd)`)

	for name, service := range project(t).Services {
		for variable, value := range service.Environment {
			if secret.MatchString(variable) {
				require.NotNil(t, value)
				require.Regexp(t, "^/run/secrets/", *value, "%s of %s", variable, name)
			}
		}

		for _, used := range service.Secrets {
			require.Contains(t, project(t).Secrets, used.Source)
		}
	}
}

// TestMountedFilesExist finds a name that has changed in the repository and not in docker-compose.yml, or the other way round.
func TestMountedFilesExist(t *testing.T) {
	t.Parallel()

	for name, service := range project(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}

			require.True(t, volume.ReadOnly, "%s: %s", name, volume.Source)
			_, err := os.Stat(volume.Source)
			require.NoError(t, err, name)
		}
	}
}

// TestOnlyTheProxyIsReached keeps everything else on the machine itself.
func TestOnlyTheProxyIsReached(t *testing.T) {
	t.Parallel()

	loaded := project(t)

	for name, service := range loaded.Services {
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, "%s: what is published on every address has to be chosen by GENIO_BIND", name)
		}
	}

	require.True(t, loaded.Networks["inside"].Internal, "databases must have no way out")

	for _, inner := range []string{"postgres", "temporal"} {
		service := loaded.Services[inner]
		require.Equal(t, []string{"inside"}, service.NetworksByPriority(), inner)
	}
}

// TestEveryProcessHasItsCopies is the topology that the drills run without containers.
func TestEveryProcessHasItsCopies(t *testing.T) {
	t.Parallel()

	services := project(t).Services

	for _, name := range []string{
		"proxy", "genio-server-1", "genio-server-2", "genio-worker-1", "genio-worker-2", "genio-migrate", "genio-release",
		"postgres", "temporal-schema", "temporal", "temporal-namespace", "temporal-ui", "simulator", "prometheus", "grafana",
	} {
		require.Contains(t, services, name)
	}

	require.Equal(t, []string{"trial"}, services["simulator"].Profiles)
	require.Equal(t, []string{"monitoring"}, services["prometheus"].Profiles)
	require.Equal(t, []string{"monitoring"}, services["grafana"].Profiles)
}

// TestWhatApplicationsWaitForGoesFirst where processors are short.
func TestWhatApplicationsWaitForGoesFirst(t *testing.T) {
	t.Parallel()

	const usual = 0 // which the engine takes for 1024

	services := project(t).Services

	for name, shares := range map[string]int64{
		"proxy": usual, "genio-server-1": usual, "genio-server-2": usual, "postgres": usual, "temporal": usual,
		"genio-worker-1": 512, "genio-worker-2": 512,
	} {
		require.Equal(t, shares, services[name].CPUShares, name)
	}
}

// TestTheBuildStartsFromNothing checks what no engine builds here: the last stage, and that each base is pinned.
func TestTheBuildStartsFromNothing(t *testing.T) {
	t.Parallel()

	recipe, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)

	var bases []string

	for line := range strings.Lines(string(recipe)) {
		if base, is := strings.CutPrefix(line, "FROM "); is {
			bases = append(bases, strings.Fields(base)[0])
		}
	}

	require.NotEmpty(t, bases)
	require.Equal(t, "scratch", bases[len(bases)-1])

	for _, base := range bases[:len(bases)-1] {
		require.Regexp(t, `:\d+\.\d+\.\d+-`, base)
	}

	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)

	language := regexp.MustCompile(`You need Go (\S+) or newer`).FindSubmatch(readme)
	require.Len(t, language, 2)
	require.Contains(t, bases, "golang:"+string(language[1])+"-bookworm", "what the README asks for is what the image is built with")
}

// project is docker-compose.yml with every profile.
func project(t *testing.T) *types.Project {
	t.Helper()

	options, err := cli.NewProjectOptions(
		[]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithEnv([]string{"GENIO_VERSION=1.0.0"}),
		cli.WithProfiles([]string{"*"}),
		// The settings of an installation are not in the repository.
		cli.WithoutEnvironmentResolution,
	)
	require.NoError(t, err)

	loaded, err := options.LoadProject(t.Context())
	require.NoError(t, err)

	return loaded
}
