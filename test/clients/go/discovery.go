// Discovery with its caches, the REST mapper, and OpenAPI.

package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery/cached/disk"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

func discoveryInMemory(e *env) error {
	recorded := recordRequests(e.config)
	client, err := kubernetes.NewForConfig(e.config)
	if err != nil {
		return err
	}
	cached := memory.NewMemCacheClient(client.Discovery())
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
	for _, each := range []struct{ group, kind, resource string }{{"apps", "Deployment", "deployments"}, {"", "Pod", "pods"}, {"rbac.authorization.k8s.io", "ClusterRole", "clusterroles"}} {
		mapping, err := mapper.RESTMapping(schema.GroupKind{Group: each.group, Kind: each.kind})
		if err != nil {
			return err
		}
		if err := want("the resource of "+each.kind, each.resource, mapping.Resource.Resource); err != nil {
			return err
		}
	}
	shortcuts, err := restmapper.NewShortcutExpander(mapper, cached, nil).ResourceFor(schema.GroupVersionResource{Resource: "deploy"})
	if err != nil {
		return err
	}
	if err := want("the short name deploy", "deployments", shortcuts.Resource); err != nil {
		return err
	}
	if err := want("requests for discovery (aggregated: one for /api, one for /apis)", 2, recorded.total()); err != nil {
		return err
	}
	_, lists, err := cached.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	if len(lists) < 20 {
		return fmt.Errorf("only %d groups and versions", len(lists))
	}
	version, err := cached.ServerVersion()
	if err != nil {
		return err
	}
	return want("the minor version", "36", version.Minor)
}

func discoveryOnDisk(e *env) error {
	folder, err := os.MkdirTemp("", "discovery")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for round := range 2 {
		config := rest.CopyConfig(e.config)
		recorded := recordRequests(config)
		cached, err := disk.NewCachedDiscoveryClientForConfig(config, folder+"/discovery", folder+"/http", time.Hour)
		if err != nil {
			return err
		}
		resources, err := cached.ServerPreferredResources()
		if err != nil {
			return err
		}
		if len(resources) < 15 {
			return fmt.Errorf("only %d groups", len(resources))
		}
		if round == 1 {
			if err := want("requests with a warm cache", 0, recorded.total()); err != nil {
				return err
			}
		}
		// The files are old now: the answers are checked by their ETags.
		if round == 1 {
			cached.Invalidate()
			if _, err := cached.ServerGroups(); err != nil {
				return err
			}
			if recorded.total() == 0 || recorded.statuses(304) == 0 {
				return fmt.Errorf("%d requests after the cache was invalidated, %d of them 304", recorded.total(), recorded.statuses(304))
			}
		}
	}
	return nil
}

func openAPI(e *env) error {
	paths, err := e.client.Discovery().OpenAPIV3().Paths()
	if err != nil {
		return err
	}
	apps, found := paths["apis/apps/v1"]
	if !found {
		return fmt.Errorf("no apis/apps/v1 in %d paths", len(paths))
	}
	document, err := apps.Schema("application/json")
	if err != nil {
		return err
	}
	if !strings.Contains(string(document), `"io.k8s.api.apps.v1.Deployment"`) {
		return fmt.Errorf("no Deployment in the document of %d bytes", len(document))
	}
	protobuf, err := e.client.Discovery().OpenAPISchema()
	if err != nil {
		return err
	}
	if len(protobuf.GetDefinitions().GetAdditionalProperties()) < 400 {
		return fmt.Errorf("%d definitions in OpenAPI v2 as protobuf", len(protobuf.GetDefinitions().GetAdditionalProperties()))
	}
	return nil
}
