// Package operator bakes: a reconciler with a finalizer and a status, and the webhooks of its kind.
package operator

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	v1 "kubedouble.test/operator/api/v1"
)

const (
	finalizer = "shop.kubedouble.dev/sweep"
	// byOwner indexes loaves by the bakery that they are from.
	byOwner = ".metadata.controller"
)

// Reconciler keeps as many ConfigMaps as a bakery wants loaves.
type Reconciler struct {
	client.Client
	Events events.EventRecorder
}

func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	owner := func(object client.Object) []string {
		if controller := metav1.GetControllerOf(object); controller != nil && controller.Kind == "Bakery" {
			return []string{controller.Name}
		}
		return nil
	}
	if err := manager.GetFieldIndexer().IndexField(context.Background(), &corev1.ConfigMap{}, byOwner, owner); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(manager).For(&v1.Bakery{}).Owns(&corev1.ConfigMap{}).Complete(r)
}

func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var bakery v1.Bakery
	if err := r.Get(ctx, request.NamespacedName, &bakery); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	var loaves corev1.ConfigMapList
	if err := r.List(ctx, &loaves, client.InNamespace(bakery.Namespace), client.MatchingFields{byOwner: bakery.Name}); err != nil {
		return ctrl.Result{}, err
	}
	if !bakery.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.sweep(ctx, &bakery, loaves.Items)
	}
	if controllerutil.AddFinalizer(&bakery, finalizer) {
		return ctrl.Result{}, r.Update(ctx, &bakery)
	}
	if err := r.bake(ctx, &bakery, loaves.Items); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, r.report(ctx, &bakery)
}

// bake adds the loaves that are missing and takes away those that are too many.
func (r *Reconciler) bake(ctx context.Context, bakery *v1.Bakery, loaves []corev1.ConfigMap) error {
	have := map[string]bool{}
	for index := range loaves {
		have[loaves[index].Name] = true
	}
	for number := range bakery.Spec.Loaves {
		name := fmt.Sprintf("%s-%d", bakery.Name, number)
		if have[name] {
			delete(have, name)
			continue
		}
		loaf := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: bakery.Namespace}, Data: map[string]string{"flour": bakery.Spec.Flour}}
		if err := controllerutil.SetControllerReference(bakery, loaf, r.Scheme()); err != nil {
			return err
		}
		if err := r.Create(ctx, loaf); client.IgnoreAlreadyExists(err) != nil {
			return err
		}
	}
	for index := range loaves {
		if have[loaves[index].Name] {
			if err := r.Delete(ctx, &loaves[index]); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Reconciler) report(ctx context.Context, bakery *v1.Bakery) error {
	before := bakery.DeepCopy()
	bakery.Status.Baked = bakery.Spec.Loaves
	ready := metav1.Condition{Type: "Ready", Status: metav1.ConditionTrue, Reason: "Baked", Message: "the bread is ready", ObservedGeneration: bakery.Generation}
	if !meta.SetStatusCondition(&bakery.Status.Conditions, ready) && before.Status.Baked == bakery.Status.Baked {
		return nil
	}
	r.Events.Eventf(bakery, nil, corev1.EventTypeNormal, "Baked", "Bake", "%d loaves are ready", bakery.Spec.Loaves)
	return r.Status().Patch(ctx, bakery, client.MergeFrom(before))
}

// sweep is what has to happen before a bakery is gone.
func (r *Reconciler) sweep(ctx context.Context, bakery *v1.Bakery, loaves []corev1.ConfigMap) error {
	for index := range loaves {
		if err := r.Delete(ctx, &loaves[index]); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	if !controllerutil.RemoveFinalizer(bakery, finalizer) {
		return nil
	}
	return client.IgnoreNotFound(r.Update(ctx, bakery))
}

// Webhooks default and validate bakeries.
type Webhooks struct{}

func (w Webhooks) SetupWithManager(manager ctrl.Manager) error {
	return ctrl.NewWebhookManagedBy(manager, &v1.Bakery{}).WithDefaulter(w).WithValidator(w).Complete()
}

func (Webhooks) Default(_ context.Context, bakery *v1.Bakery) error {
	if bakery.Spec.Loaves == 0 {
		bakery.Spec.Loaves = 2
	}
	metav1.SetMetaDataAnnotation(&bakery.ObjectMeta, "shop.kubedouble.dev/defaulted", "yes")
	return nil
}

func (Webhooks) ValidateCreate(_ context.Context, bakery *v1.Bakery) (admission.Warnings, error) {
	return check(bakery)
}

func (Webhooks) ValidateUpdate(_ context.Context, _, bakery *v1.Bakery) (admission.Warnings, error) {
	return check(bakery)
}

func (Webhooks) ValidateDelete(_ context.Context, bakery *v1.Bakery) (admission.Warnings, error) {
	if bakery.Labels["keep"] == "yes" {
		return nil, fmt.Errorf("%s is to be kept", bakery.Name)
	}
	return nil, nil
}

func check(bakery *v1.Bakery) (admission.Warnings, error) {
	if bakery.Spec.Loaves%13 == 0 {
		return nil, fmt.Errorf("%d loaves bring bad luck", bakery.Spec.Loaves)
	}
	if bakery.Spec.Oven.Degrees < 150 {
		return admission.Warnings{"the oven is cold"}, nil
	}
	return nil, nil
}
