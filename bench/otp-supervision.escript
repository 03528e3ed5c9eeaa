#!/usr/bin/env escript
%%! +sbwt none
%% What bench/supervision.ts measures, by Erlang/OTP's own supervisor: one line of JSON for each round.
%%
%%     escript bench/otp-supervision.escript CHILDREN ROUNDS SLOW_CHILDREN SLOW_MS
-mode(compile).
-export([main/1, init/1, start_link/1, handle_call/3, handle_cast/2, terminate/2]).

main(Args) ->
    [Children, Rounds, SlowChildren, SlowMs] = [list_to_integer(Arg) || Arg <- Args],
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    [begin
         measure("in order", fun() -> in_order(Children) end),
         measure("side by side", fun() -> side_by_side(Children, 0) end)
     end || _ <- lists:seq(1, Rounds)],
    measure("slow to stop, side by side", fun() -> side_by_side(SlowChildren, SlowMs) end).

measure(Case, Start) ->
    erlang:garbage_collect(),
    {Supervisor, StartMs, StartCpuMs} = timed(Start),
    {_, StopMs, StopCpuMs} = timed(fun() -> stop(Supervisor) end),
    io:format("{\"case\":\"~s\",\"startMs\":~w,\"stopMs\":~w,\"startCpuMs\":~w,\"stopCpuMs\":~w,\"otp\":\"~s\"}~n",
              [Case, StartMs, StopMs, StartCpuMs, StopCpuMs, erlang:system_info(otp_release)]).

timed(Action) ->
    {Cpu, _} = statistics(runtime),
    Began = erlang:monotonic_time(microsecond),
    Result = Action(),
    Ended = erlang:monotonic_time(microsecond),
    {CpuThen, _} = statistics(runtime),
    {Result, (Ended - Began) / 1000, CpuThen - Cpu}.

in_order(Count) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, {in_order, Count}),
    Supervisor.

%% OTP stops side by side only what was made from one template.
side_by_side(Count, StopMs) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, {side_by_side, StopMs}),
    [{ok, _} = supervisor:start_child(Supervisor, []) || _ <- lists:seq(1, Count)],
    Supervisor.

stop(Supervisor) ->
    exit(Supervisor, shutdown),
    receive {'EXIT', Supervisor, shutdown} -> ok end.

child(Id, StopMs) ->
    #{id => Id, start => {?MODULE, start_link, [StopMs]}, restart => permanent, shutdown => 5000}.

%% A child that drains: it is told to stop, and ends by itself.
start_link(StopMs) -> gen_server:start_link(?MODULE, {child, StopMs}, []).

init({in_order, Count}) ->
    {ok, {#{strategy => one_for_one}, [child(Id, 0) || Id <- lists:seq(1, Count)]}};
init({side_by_side, StopMs}) ->
    {ok, {#{strategy => simple_one_for_one}, [child(template, StopMs)]}};
init({child, StopMs}) ->
    process_flag(trap_exit, true),
    {ok, StopMs}.

handle_call(_, _, State) -> {reply, ok, State}.
handle_cast(_, State) -> {noreply, State}.
terminate(_, 0) -> ok;
terminate(_, StopMs) -> timer:sleep(StopMs).
