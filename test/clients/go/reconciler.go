// A reconciler as operators write them: server-side apply, a finalizer, owned objects.

package main

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applyappsv1 "k8s.io/client-go/applyconfigurations/apps/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	applymetav1 "k8s.io/client-go/applyconfigurations/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const finalizer = "check.kubedouble.dev/done"

// sites makes a Deployment of every ConfigMap with the label app=check, and says in an annotation how many replicas it has.
type sites struct {
	client.Client
	cleaned chan string
}

func (s *sites) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var site corev1.ConfigMap
	if err := s.Get(ctx, request.NamespacedName, &site); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if !site.DeletionTimestamp.IsZero() {
		if controllerutil.RemoveFinalizer(&site, finalizer) {
			if err := s.Update(ctx, &site); err != nil {
				return reconcile.Result{}, client.IgnoreNotFound(err)
			}
			s.cleaned <- site.Name
		}
		return reconcile.Result{}, nil
	}
	if controllerutil.AddFinalizer(&site, finalizer) {
		if err := s.Update(ctx, &site); err != nil {
			return reconcile.Result{}, err
		}
	}
	labels := map[string]string{"site": site.Name}
	wanted := applyappsv1.Deployment(site.Name, site.Namespace).
		WithOwnerReferences(applymetav1.OwnerReference().WithAPIVersion("v1").WithKind("ConfigMap").WithName(site.Name).WithUID(site.UID).WithController(true).WithBlockOwnerDeletion(true)).
		WithSpec(applyappsv1.DeploymentSpec().WithReplicas(2).
			WithSelector(applymetav1.LabelSelector().WithMatchLabels(labels)).
			WithTemplate(applycorev1.PodTemplateSpec().WithLabels(labels).
				WithSpec(applycorev1.PodSpec().WithContainers(applycorev1.Container().WithName("web").WithImage(site.Data["image"])))))
	if err := s.Apply(ctx, wanted, client.FieldOwner("sites"), client.ForceOwnership); err != nil {
		return reconcile.Result{}, err
	}
	var deployment appsv1.Deployment
	if err := s.Get(ctx, request.NamespacedName, &deployment); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	before := site.DeepCopy()
	meta.NewAccessor().SetAnnotations(&site, map[string]string{"available": fmt.Sprint(deployment.Status.AvailableReplicas)})
	return reconcile.Result{}, s.Patch(ctx, &site, client.MergeFrom(before))
}

func managerReconciles(e *env) error {
	if err := waitForServiceAccount(e); err != nil {
		return err
	}
	manager, err := managerOf(e, ctrl.Options{})
	if err != nil {
		return err
	}
	reconciler := &sites{Client: manager.GetClient(), cleaned: make(chan string, 1)}
	chosen, err := predicate.LabelSelectorPredicate(metav1.LabelSelector{MatchLabels: map[string]string{"app": "check"}})
	if err != nil {
		return err
	}
	if err := ctrl.NewControllerManagedBy(manager).Named("sites").For(&corev1.ConfigMap{}, builder.WithPredicates(chosen)).Owns(&appsv1.Deployment{}).Complete(reconciler); err != nil {
		return err
	}
	stop := run(e, manager)
	defer func() { _ = stop() }()
	direct, err := client.New(e.config, client.Options{})
	if err != nil {
		return err
	}
	site := configMap("home", map[string]string{"image": "nginx:1"})
	site.Namespace = e.namespace
	if err := direct.Create(e.ctx, site); err != nil {
		return err
	}
	available := func() error {
		return until(e.ctx, "two replicas noted on the site", func() (bool, error) {
			err := direct.Get(e.ctx, client.ObjectKeyFromObject(site), site)
			return err == nil && site.Annotations["available"] == "2", err
		})
	}
	if err := available(); err != nil {
		return err
	}
	// Somebody else scales it and takes the image away: the owner's apply brings both back.
	var deployment appsv1.Deployment
	if err := direct.Get(e.ctx, client.ObjectKeyFromObject(site), &deployment); err != nil {
		return err
	}
	deployment.Spec.Replicas = new(int32(5))
	deployment.Spec.Template.Spec.Containers[0].Image = "nginx:wrong"
	if err := direct.Update(e.ctx, &deployment, client.FieldOwner("somebody")); err != nil {
		return err
	}
	err = until(e.ctx, "the owner's replicas and image", func() (bool, error) {
		err := direct.Get(e.ctx, client.ObjectKeyFromObject(site), &deployment)
		return err == nil && *deployment.Spec.Replicas == 2 && deployment.Spec.Template.Spec.Containers[0].Image == "nginx:1", err
	})
	if err != nil {
		return err
	}
	if err := direct.Delete(e.ctx, site); err != nil {
		return err
	}
	select {
	case name := <-reconciler.cleaned:
		if err := want("the site cleaned up", "home", name); err != nil {
			return err
		}
	case <-time.After(patience):
		return fmt.Errorf("the finalizer was not handled")
	}
	err = until(e.ctx, "the Deployment is collected with its owner", func() (bool, error) {
		err := direct.Get(e.ctx, client.ObjectKeyFromObject(site), &deployment)
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	if err != nil {
		return err
	}
	return stop()
}
