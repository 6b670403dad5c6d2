"""Sharing an account, from both sides."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.pagination import CursorPages
from config.http.parameters import once_each
from config.http.permissions import RequireUser
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView
from config.replicas.reading import may_be_old
from trading.api.limits import MAILS_TO_ONE_ADDRESS, AccountLimitedView
from trading.api.lookup import (
    account_for,
    account_seen_by,
    caller,
    membership_key,
    membership_of,
    require_permission,
)
from trading.api.membership_serializers import (
    InvitationSerializer,
    MembershipChangeSerializer,
    MembershipFilterSerializer,
    MembershipSerializer,
)
from trading.models import Membership
from trading.services import access, invitations, memberships


def _wanted(request: Request) -> dict[str, str]:
    """Which memberships the query asks for. Raises ValidationError, InvalidRequestError."""
    query = MembershipFilterSerializer(data=once_each(request.query_params))
    query.is_valid(raise_exception=True)
    wanted: dict[str, str] = query.validated_data
    return wanted


class AccountMembershipsView(AccountLimitedView):
    """`/v1/trading-accounts/{id}/memberships`"""

    permission_classes = (RequireUser,)
    pagination_class = CursorPages
    account_limit = MAILS_TO_ONE_ADDRESS
    rate_limits = (RateLimit(name="membership_changes", limit=120, period=3600, key=by_caller),)

    @extend_schema(
        operation_id="trading_account_memberships_list",
        summary="Who shares the account, or has been invited to",
        parameters=[MembershipFilterSerializer],
        responses=MembershipSerializer(many=True),
    )
    def get(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.MANAGE)
        pages = CursorPages()
        standing = account.memberships.standing().select_related("user", "account__owner")
        standing = standing.filter(**_wanted(request))
        shown = MembershipSerializer(pages.paginate_queryset(standing, request, self), many=True)
        return pages.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="trading_account_memberships_invite",
        summary="Invite somebody by e-mail",
        description="The answer is the same whether or not anybody has an account with that address: whoever "
        "verifies it finds the invitation.",
        request=InvitationSerializer,
        responses={201: MembershipSerializer},
    )
    def post(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.MANAGE)
        body = InvitationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        self.admit(request, account, whom=body.validated_data["email"].lower())
        membership = invitations.invite(
            account=account, granted_by=caller(request), **body.validated_data
        )
        return Response(MembershipSerializer(membership).data, status=201)


class AccountMembershipView(APIView):
    """`/v1/trading-accounts/{id}/memberships/{membership_id}`"""

    permission_classes = (RequireUser,)

    @extend_schema(
        operation_id="trading_account_memberships_update",
        summary="Change what a member may do, or until when",
        request=MembershipChangeSerializer,
        responses=MembershipSerializer,
    )
    def patch(self, request: Request, account_id: str, membership_id: str) -> Response:
        account = account_for(request, account_id, action=access.MANAGE)
        membership = membership_of(account, membership_id)
        body = MembershipChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changed = memberships.update(
            membership_id=membership.pk, changed_by=caller(request), **body.validated_data
        )
        return Response(MembershipSerializer(changed).data)

    @extend_schema(
        operation_id="trading_account_memberships_revoke",
        summary="Revoke a membership or an invitation, or leave",
        description="Those who manage the account revoke; a member may end their own.",
        responses={204: None},
    )
    def delete(self, request: Request, account_id: str, membership_id: str) -> Response:
        account = account_seen_by(request, account_id)
        membership = membership_of(account, membership_id)
        user = caller(request)
        if membership.user_id != user.pk:
            require_permission(request, account, action=access.MANAGE)
        memberships.revoke(membership_id=membership.pk, revoked_by=user)
        return Response(status=204)


class ResendView(AccountLimitedView):
    """`POST /v1/trading-accounts/{id}/memberships/{membership_id}/resend`"""

    permission_classes = (RequireUser,)
    account_limit = MAILS_TO_ONE_ADDRESS

    @extend_schema(
        operation_id="trading_account_memberships_resend",
        summary="Mail an invitation again",
        description="It is good for its whole time again. Five mails a day go to one address about one account.",
        request=None,
        responses=MembershipSerializer,
    )
    def post(self, request: Request, account_id: str, membership_id: str) -> Response:
        account = account_for(request, account_id, action=access.MANAGE)
        membership = membership_of(account, membership_id)
        self.admit(request, account, whom=membership.invited_email)
        resent = invitations.resend(membership_id=membership.pk, resent_by=caller(request))
        return Response(MembershipSerializer(resent).data)


class OwnMembershipsView(APIView):
    """`GET /v1/memberships`"""

    permission_classes = (RequireUser,)
    pagination_class = CursorPages

    @extend_schema(
        operation_id="memberships_list",
        summary="What you have been invited to, and what you are a member of",
        parameters=[MembershipFilterSerializer],
        responses=MembershipSerializer(many=True),
    )
    @may_be_old(Membership)
    def get(self, request: Request) -> Response:
        pages = CursorPages()
        mine = Membership.objects.concerning(caller(request), at=timezone.now())
        mine = mine.select_related("user", "account__owner").filter(**_wanted(request))
        shown = MembershipSerializer(pages.paginate_queryset(mine, request, self), many=True)
        return pages.get_paginated_response(shown.data)


class AcceptView(APIView):
    """`POST /v1/memberships/{membership_id}/accept`"""

    permission_classes = (RequireUser,)

    @extend_schema(
        operation_id="memberships_accept",
        summary="Accept an invitation to your verified address",
        request=None,
        responses=MembershipSerializer,
    )
    def post(self, request: Request, membership_id: str) -> Response:
        membership = invitations.accept(
            membership_id=membership_key(membership_id), user=caller(request)
        )
        return Response(MembershipSerializer(membership).data)


class DeclineView(APIView):
    """`POST /v1/memberships/{membership_id}/decline`"""

    permission_classes = (RequireUser,)

    @extend_schema(
        operation_id="memberships_decline",
        summary="Decline an invitation",
        request=None,
        responses=MembershipSerializer,
    )
    def post(self, request: Request, membership_id: str) -> Response:
        membership = invitations.decline(
            membership_id=membership_key(membership_id), user=caller(request)
        )
        return Response(MembershipSerializer(membership).data)
