SELECT -- Zeek's conn_state and history of each connection, as base/protocols/conn defines them
  -- pcapdiag query FILE "$(cat docs/zeek.sql)"
  file, flow, source, source_port, destination, destination_port,
  CASE
    WHEN close = 'fin' THEN 'SF'
    WHEN resets_to_initiator > 0 THEN CASE
      WHEN syn_frame IS NULL THEN 'RSTRH'
      WHEN syn_ack_frame IS NULL THEN 'REJ'
      ELSE 'RSTR' END
    WHEN resets_to_responder > 0 THEN CASE WHEN syn_ack_frame IS NULL THEN 'RSTOS0' ELSE 'RSTO' END
    WHEN fins_to_responder > 0 THEN CASE WHEN syn_ack_frame IS NULL THEN 'SH' ELSE 'S2' END
    WHEN fins_to_initiator > 0 THEN CASE WHEN syn_frame IS NULL THEN 'SHR' ELSE 'S3' END
    WHEN syn_frame IS NULL THEN 'OTH'
    WHEN syn_ack_frame IS NOT NULL THEN 'S1'
    WHEN packets_to_initiator > 0 THEN 'OTH'
    ELSE 'S0'
  END AS conn_state,
  -- A letter for the first of each kind: small ones are the responder's.
  array_to_string([step.letter FOR step IN list_sort([
    {'frame': syn_frame, 'place': 1, 'letter': 'S'},
    {'frame': syn_ack_frame, 'place': 1, 'letter': 'h'},
    {'frame': pure_ack_frame_to_responder, 'place': 2, 'letter': 'A'},
    {'frame': pure_ack_frame_to_initiator, 'place': 2, 'letter': 'a'},
    {'frame': first_data_frame_to_responder, 'place': 3, 'letter': 'D'},
    {'frame': first_data_frame_to_initiator, 'place': 3, 'letter': 'd'},
    {'frame': fin_frame_to_responder, 'place': 4, 'letter': 'F'},
    {'frame': fin_frame_to_initiator, 'place': 4, 'letter': 'f'},
    {'frame': reset_frame_to_responder, 'place': 5, 'letter': 'R'},
    {'frame': reset_frame_to_initiator, 'place': 5, 'letter': 'r'}
  ]) IF step.frame IS NOT NULL], '') AS history
FROM flow
ORDER BY file, flow
