"""A small API to test the ground with: views that use every piece, at addresses of their own."""

import threading

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from config.http.etags import etag, require_match
from config.http.idempotency import idempotent
from config.http.pagination import CursorPages
from config.http.permissions import (
    RequireBinding,
    RequireScope,
    RequireService,
    RequireStepUp,
    RequireUser,
)
from config.http.problems import ConflictError
from config.http.ratelimit import RateLimit
from config.http.serializers import StrictSerializer
from config.http.short_way import short_way
from config.http.urls import urlpatterns as ground_urls
from config.http.views import APIView, body_of

calls: list[object] = []
gate = threading.Event()


class InnerSerializer(StrictSerializer):
    quantity = serializers.IntegerField(min_value=1)


class EchoSerializer(StrictSerializer):
    text = serializers.CharField(max_length=10)
    items = InnerSerializer(many=True, required=False)


class Echo(APIView):
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        asked = EchoSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(asked.validated_data)


class Limited(APIView):
    permission_classes = (AllowAny,)
    rate_limits = (RateLimit(name="test_limited", limit=2, period=3600),)

    def get(self, request: Request) -> Response:
        return Response({})


class Once(APIView):
    permission_classes = (AllowAny,)

    @idempotent
    def post(self, request: Request) -> Response:
        calls.append(request.data)
        if body_of(request).get("fail") and len(calls) == 1:
            raise ConflictError("not now")
        if body_of(request).get("wait"):
            gate.wait(timeout=60)
        return Response({"call": len(calls)}, status=201)


class People(APIView, GenericAPIView):
    permission_classes = (AllowAny,)
    queryset = User.objects.all()
    pagination_class = CursorPages

    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([user.public_id for user in page or []])


class Person(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request, user_id: str) -> Response:
        user = User.objects.with_public_id(user_id).get()
        return Response({}, headers={"ETag": etag(user)})

    def put(self, request: Request, user_id: str) -> Response:
        require_match(request, User.objects.with_public_id(user_id).get())
        return Response({})


def guarded(permission: type[BasePermission]) -> type[APIView]:
    class Guarded(APIView):
        permission_classes = (permission,)

        def get(self, request: Request) -> Response:
            return Response({})

    return Guarded


def boom(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the inside")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def problem(request: HttpRequest) -> HttpResponse:
    raise ConflictError("from a plain view")


class Invariant(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        raise ValidationError(
            {"phone": ValidationError("Not a phone number.", code="invalid_phone")}
        )


def count_people(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(User.objects.count()))


@short_way
def count_short(request: HttpRequest) -> HttpResponse:
    return count_people(request)


@require_POST
def only_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body)


urlpatterns = [
    *ground_urls,
    path("v1/echo", Echo.as_view()),
    path("v1/limited", Limited.as_view()),
    path("v1/once", Once.as_view()),
    path("v1/people", People.as_view()),
    path("v1/people/<str:user_id>", Person.as_view()),
    path("v1/user", guarded(RequireUser).as_view()),
    path("v1/service", guarded(RequireService).as_view()),
    path("v1/bound", guarded(RequireBinding).as_view()),
    path("v1/scope", guarded(RequireScope("audit:read")).as_view()),
    path("v1/step-up", guarded(RequireStepUp).as_view()),
    path("v1/boom", boom),
    path("v1/forbidden", forbidden),
    path("v1/problem", problem),
    path("v1/invariant", Invariant.as_view()),
    path("v1/only-post", only_post),
    path("v1/count-people", count_people),
    path("v1/short", count_short),
]
