"""Pages of webhooks, part of the settings."""

from __future__ import annotations

from django.urls import path

from webhooks.views import deliveries, endpoints

ROOT = "settings/webhooks/"
ONE = f"{ROOT}<uuid:endpoint_id>/"
DELIVERY = f"{ROOT}deliveries/<uuid:delivery_id>/"

urlpatterns = [
    path(ROOT, endpoints.webhooks, name="webhooks"),
    path(f"{ROOT}new/", endpoints.create, name="webhook_create"),
    path(f"{ROOT}verifying/", endpoints.verifying, name="webhook_verifying"),
    path(f"{ROOT}deliveries/", deliveries.deliveries, name="webhook_deliveries"),
    path(DELIVERY, deliveries.delivery, name="webhook_delivery"),
    path(f"{DELIVERY}resend/", deliveries.resend, name="webhook_resend"),
    path(ONE, endpoints.webhook, name="webhook"),
    path(f"{ONE}edit/", endpoints.edit, name="webhook_edit"),
    path(f"{ONE}switch/", endpoints.switch, name="webhook_switch"),
    path(f"{ONE}resume/", endpoints.resume, name="webhook_resume"),
    path(f"{ONE}rotate/", endpoints.rotate, name="webhook_rotate"),
    path(f"{ONE}end-overlap/", endpoints.end_overlap, name="webhook_end_overlap"),
    path(f"{ONE}delete/", endpoints.delete, name="webhook_delete"),
    path(f"{ONE}test/", deliveries.test, name="webhook_test"),
    path(f"{ONE}replay/", deliveries.replay, name="webhook_replay"),
]
